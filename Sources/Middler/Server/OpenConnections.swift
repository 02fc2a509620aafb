import Synchronization

/// The connections that are open, and the one task that accepts them.
final class OpenConnections: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var isStopping = false
        /// The accepting task, waiting for room or for the end.
        var waiter: CheckedContinuation<Void, Never>?
        var isOver = false
    }

    private let maximum: Int
    private let state = Mutex(State())

    init(maximum: Int) { self.maximum = maximum }

    /// Adds a connection. While the server is stopping, it serves nothing that has not begun.
    func add(_ connection: Connection) {
        let isStopping = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = connection
            return state.isStopping
        }
        if isStopping { connection.quiesce() }
    }

    func remove(_ connection: Connection) {
        let waiter = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            return !state.isStopping || state.connections.isEmpty ? Self.takeWaiter(&state) : nil
        }
        waiter?.resume()
    }

    /// Returns once one more may be added. For one task only.
    func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let isFull = state.withLock { state in
                guard state.connections.count >= maximum, !state.isStopping else { return false }
                state.waiter = continuation
                return true
            }
            if !isFull { continuation.resume() }
        }
    }

    /// Returns once all connections are closed, or should be. For the accepting task only.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.connections.isEmpty || state.isOver { return true }
                state.waiter = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Lets each connection finish its request.
    func quiesce() {
        let (connections, waiter) = state.withLock { state in
            state.isStopping = true
            return (Array(state.connections.values), Self.takeWaiter(&state))
        }
        waiter?.resume()
        for connection in connections { connection.quiesce() }
    }

    /// Closes all at once.
    func closeAll() {
        let (connections, waiter) = state.withLock { state in
            state.isOver = true
            return (Array(state.connections.values), Self.takeWaiter(&state))
        }
        waiter?.resume()
        for connection in connections { connection.close() }
    }

    private static func takeWaiter(_ state: inout State) -> CheckedContinuation<Void, Never>? {
        defer { state.waiter = nil }
        return state.waiter
    }
}
