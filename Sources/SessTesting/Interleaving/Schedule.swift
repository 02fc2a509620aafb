import Synchronization

/// Lets the requests of one order go on one store call at a time, as the order says.
///
/// A request waits before each of its calls. Once every request waits or has ended, the next one in the order may make
/// its call and run up to the one after.
final class Schedule: Sendable {
    /// The request that a task belongs to.
    @TaskLocal static var request: Int?

    private struct Call {
        var name: String
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var waiting: [[Call]]
        var hasEnded: [Bool]
        var isFree = false
        var log: [String] = []
        var settled: CheckedContinuation<Void, Never>?

        /// Whether each request waits before a call, or has ended.
        var isSettled: Bool { waiting.indices.allSatisfy { hasEnded[$0] || !waiting[$0].isEmpty } }
    }
    private let state: Mutex<State>

    init(requests: Int) {
        state = Mutex(
            State(
                waiting: Array(repeating: [], count: requests), hasEnded: Array(repeating: false, count: requests)
            )
        )
    }

    /// The calls so far, as `0.fetch`.
    var log: [String] { state.withLock { $0.log } }

    /// A call is about to be made.
    func arrive(_ call: StoreCall) async { await arrive(at: call.rawValue) }

    /// The next step of a request is about to be made.
    func arrive(at name: String) async {
        guard let request = Self.request else { return }
        await withCheckedContinuation { continuation in
            let resumed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                guard !state.isFree else { return [continuation] }
                state.waiting[request].append(Call(name: name, continuation: continuation))
                return Self.takeSettled(&state)
            }
            for continuation in resumed { continuation.resume() }
        }
    }

    /// A request has ended.
    func end(_ request: Int) {
        let resumed = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.hasEnded[request] = true
            return Self.takeSettled(&state)
        }
        for continuation in resumed { continuation.resume() }
    }

    /// Waits until every request waits or has ended; gives the ones that wait.
    func settle() async -> [Int] {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.isSettled || state.isFree { return true }
                state.settled = continuation
                return false
            }
            if isSettled { continuation.resume() }
        }
        return state.withLock { state in state.waiting.indices.filter { !state.waiting[$0].isEmpty } }
    }

    /// The step that a request waits for, if it waits.
    func next(of request: Int) -> String? { state.withLock { $0.waiting[request].first?.name } }

    /// Lets a request make its call.
    func step(_ request: Int) {
        let call = state.withLock { state in
            let call = state.waiting[request].removeFirst()
            state.log.append("\(request).\(call.name)")
            return call
        }
        call.continuation.resume()
    }

    /// Lets everything go on, in no order: for a run that is given up.
    func free() {
        let resumed = state.withLock { state in
            state.isFree = true
            let calls = state.waiting.flatMap { $0.map(\.continuation) }
            state.waiting = state.waiting.map { _ in [] }
            defer { state.settled = nil }
            return calls + [state.settled].compactMap(\.self)
        }
        for continuation in resumed { continuation.resume() }
    }

    private static func takeSettled(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.isSettled, let settled = state.settled else { return [] }
        state.settled = nil
        return [settled]
    }
}
