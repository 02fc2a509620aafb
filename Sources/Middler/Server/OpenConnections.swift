import Synchronization

/// The connections that are open, and the one task that accepts them.
final class OpenConnections: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        var isStopping = false
        /// The accepting task, which waits for one of them at a time.
        var roomWaiter: CheckedContinuation<Void, Never>?
        var endWaiter: CheckedContinuation<Void, Never>?
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
        let waiters = state.withLock { state in
            state.connections[ObjectIdentifier(connection)] = nil
            return [state.roomWaiter.take(), state.connections.isEmpty ? state.endWaiter.take() : nil]
        }
        for waiter in waiters { waiter?.resume() }
    }

    /// Returns once one more may be added. For one task only.
    func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let isFull = state.withLock { state in
                guard state.connections.count >= maximum, !state.isStopping else { return false }
                state.roomWaiter = continuation
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
                state.endWaiter = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Whether the accepting task waits for the end.
    var isWaitedFor: Bool { state.withLock { $0.endWaiter != nil } }

    /// Lets each connection finish its request.
    func quiesce() {
        let (connections, waiter) = state.withLock { state in
            state.isStopping = true
            return (Array(state.connections.values), state.roomWaiter.take())
        }
        waiter?.resume()
        for connection in connections { connection.quiesce() }
    }

    /// Closes all at once.
    func closeAll() {
        let (connections, waiters) = state.withLock { state in
            state.isOver = true
            return (Array(state.connections.values), [state.roomWaiter.take(), state.endWaiter.take()])
        }
        for waiter in waiters { waiter?.resume() }
        for connection in connections { connection.close() }
    }
}
