import Dispatch
import GRDB
import Modeler

/// One connection to the file and the work that waits for it.
///
/// All of SQLite runs on the connection's own dispatch queue; callers are suspended meanwhile. A timer on yet another
/// queue gives up what is overdue, also while the disk hangs.
final class Lane: Sendable {
    /// Serves what waits, until ``Lane/hasWork()`` says that nothing is left.
    typealias Service = @Sendable (Lane, Database) -> Void

    private enum Place {
        case served, first
        case refused(ModelError)
    }

    private struct State {
        var waiting = WorkQueue()
        var current: [any LaneWork] = []
        var isServed = false
        var isTimerSet = false
        var isClosed = false
    }

    let connection: DatabaseQueue
    private let maximumWaiting: Int
    private let service: Service
    private let state = Guarded(State())

    init(_ connection: DatabaseQueue, maximumWaiting: Int, service: @escaping Service) {
        self.connection = connection
        self.maximumWaiting = maximumWaiting
        self.service = service
    }

    /// The work that waits.
    var load: Int { state.withLock { $0.waiting.count + $0.current.count } }

    /// Adds work to what waits, or refuses it.
    func enqueue(_ work: some LaneWork) {
        let place: Place = state.withLock { state in
            if state.isClosed { return .refused(ModelError(.unavailable, "the file was closed")) }
            guard state.waiting.count < maximumWaiting else {
                return .refused(ModelError(.overloaded, "maximumWaiting, \(maximumWaiting), operations wait already"))
            }
            state.waiting.append(work)
            setTimer(&state)
            if state.isServed { return .served }
            state.isServed = true
            return .first
        }
        switch place {
        case .served: break
        case .refused(let error): work.fail(error)
        case .first: connection.asyncWriteWithoutTransaction { [self] db in service(self, db) }
        }
    }

    /// Whether work waits whose caller waits too. Where not, the service is over until more comes.
    func hasWork() -> Bool {
        state.withLock { state in
            state.current = []
            state.waiting.dropOver()
            state.isServed = !state.waiting.isEmpty
            return state.isServed
        }
    }

    /// Starts up to so many pieces of work and takes them out of what waits.
    func take(_ limit: Int) -> [any LaneWork] {
        state.withLock { state in
            var taken: [any LaneWork] = []
            while taken.count < limit, let work = state.waiting.removeFirst() {
                if work.start() { taken.append(work) }
            }
            state.current = taken
            return taken
        }
    }

    /// Refuses all that waits.
    func failWaiting(_ error: ModelError) {
        let all = state.withLock { $0.waiting.removeAll() }
        for work in all { work.fail(error) }
    }

    /// Takes no more work. What waits is still served.
    func close() {
        state.withLock { $0.isClosed = true }
    }

    private static let timerQueue = DispatchQueue(label: "ModelerSQLite.Lane.timer")

    /// Work is in the order of its deadlines, so one timer for the first is enough.
    private func setTimer(_ state: inout State) {
        guard !state.isTimerSet, let first = state.current.first ?? state.waiting.first else { return }
        state.isTimerSet = true
        let delay = max(.zero, first.deadline - .now).wholeMilliseconds
        let time = DispatchTime.now() + .milliseconds(Int(clamping: delay) + 1)
        Self.timerQueue.asyncAfter(deadline: time) { [weak self] in self?.expireOverdue() }
    }

    private func expireOverdue() {
        let overdue = state.withLock { state in
            let now = ContinuousClock.now
            var overdue = state.current.filter { $0.deadline <= now }
            state.current.removeAll { $0.deadline <= now || $0.isOver }
            state.waiting.dropOver()
            while let first = state.waiting.first, first.deadline <= now {
                overdue.append(first)
                _ = state.waiting.removeFirst()
                state.waiting.dropOver()
            }
            state.isTimerSet = false
            setTimer(&state)
            return overdue
        }
        for work in overdue { work.expire() }
    }
}
