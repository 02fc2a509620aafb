import Synchronization

/// The connections that are open with the tasks that serve them, the task that accepts them, and how far the server's
/// end has come.
final class OpenConnections: Sendable {
    private struct Entry {
        let connection: Connection
        var task: Task<Void, Never>?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        /// Those that the accepting task has yet to take.
        var untaken: [ObjectIdentifier: Connection] = [:]
        var isAccepting = true
        /// No connection serves a request that has not begun.
        var isStopping = false
        /// Every connection is closed, every handler cancelled.
        var isOver = false
        /// What still runs is waited for no longer.
        var isAbandoned = false
        /// The accepting task, while there is no room.
        var accepting: CheckedContinuation<Void, Never>?
        /// The server, until all is over.
        var ending: CheckedContinuation<Void, Never>?
        var deadlines: [Task<Void, Never>] = []

        var hasEnded: Bool { isAbandoned || (!isAccepting && entries.isEmpty) }

        /// The server's continuation if it may go on.
        mutating func takeEnding() -> CheckedContinuation<Void, Never>? { hasEnded ? ending.take() : nil }
    }

    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int) { self.maximum = maximum }

    // MARK: Serving

    /// A connection was made. It waits for the accepting task, and is closed where that has ended.
    func accept(_ connection: Connection) {
        let isAccepting = state.withLock { state in
            if state.isAccepting { state.untaken[ObjectIdentifier(connection)] = connection }
            return state.isAccepting
        }
        if !isAccepting { connection.close() }
    }

    /// Adds a connection. While the server is stopping, it serves nothing that has not begun.
    func add(_ connection: Connection) {
        let (isStopping, isOver) = state.withLock { state in
            state.untaken[ObjectIdentifier(connection)] = nil
            state.entries[ObjectIdentifier(connection)] = Entry(connection: connection)
            return (state.isStopping, state.isOver)
        }
        if isStopping { connection.quiesce() }
        if isOver { connection.close() }
    }

    /// Says which task serves a connection, unless it has ended already.
    func setTask(_ task: Task<Void, Never>, of connection: Connection) {
        let isOver = state.withLock { state in
            state.entries[ObjectIdentifier(connection)]?.task = task
            return state.isOver
        }
        if isOver { task.cancel() }
    }

    func remove(_ connection: Connection) {
        let (accepting, ending) = state.withLock { state in
            state.entries[ObjectIdentifier(connection)] = nil
            return (state.accepting.take(), state.takeEnding())
        }
        accepting?.resume()
        ending?.resume()
    }

    /// Returns once one more may be added. For the accepting task only.
    func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let isFull = state.withLock { state in
                guard state.entries.count >= maximum, !state.isStopping else { return false }
                state.accepting = continuation
                return true
            }
            if !isFull { continuation.resume() }
        }
    }

    /// No connection is added any more. Those that were made too late for it are closed: nobody serves them.
    func endAccepting() {
        let (untaken, ending) = state.withLock { state in
            state.isAccepting = false
            defer { state.untaken = [:] }
            return (Array(state.untaken.values), state.takeEnding())
        }
        for connection in untaken { connection.close() }
        ending?.resume()
    }

    // MARK: Ending

    /// Returns once nothing is served and accepted any more, or what is has been abandoned. For the server only.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.ending = continuation }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
        for deadline in state.withLock({ $0.deadlines }) { deadline.cancel() }
    }

    /// Whether the server waits for the end.
    var isWaitedFor: Bool { state.withLock { $0.ending != nil } }

    /// What bounds the server's end; cancelled once it has ended.
    func setDeadline(_ deadline: Task<Void, Never>) {
        let hasEnded = state.withLock { state in
            state.deadlines.append(deadline)
            return state.hasEnded
        }
        if hasEnded { deadline.cancel() }
    }

    /// Lets each connection finish its request.
    func quiesce() {
        let (connections, accepting) = state.withLock { state in
            state.isStopping = true
            return (state.entries.values.map(\.connection), state.accepting.take())
        }
        accepting?.resume()
        for connection in connections { connection.quiesce() }
    }

    /// Closes all at once, and cancels their handlers.
    func closeAll() {
        let entries = state.withLock { state in
            state.isOver = true
            return Array(state.entries.values)
        }
        for entry in entries {
            entry.connection.close()
            entry.task?.cancel()
        }
    }

    /// Waits for nothing any more.
    ///
    /// - Returns: How many connections have handlers that still run; `nil` where all had ended.
    func abandon() -> Int? {
        let (left, ending) = state.withLock { state in
            let left = state.hasEnded ? nil : state.entries.count
            state.isAbandoned = true
            return (left, state.takeEnding())
        }
        ending?.resume()
        return left
    }
}
