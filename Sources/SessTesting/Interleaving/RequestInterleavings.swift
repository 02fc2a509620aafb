public import HTTPTypes
public import Modeler
public import Sess

/// Runs requests of one client side by side in every order in which their calls on the store can mix.
///
/// Each request pauses before every call. Two requests of two calls each have 6 orders; where a request asks more often
/// in some order, because it has met a conflict, that is followed too. The requests run on servers of their own, that
/// is, on a manager each over one store, and start with the same cookies.
///
/// ```swift
/// let requests: [RequestInterleavings.Handler] = [
///     { session in session["a"] = 1 },
///     { session in try await session.destroy() },
/// ]
/// let count = try await RequestInterleavings().run(requests) { outcome in
///     #expect(try await outcome.store.fetch(outcome.id) == nil)
/// }
/// ```
public struct RequestInterleavings: Sendable {
    /// A request's handler.
    public typealias Handler = @Sendable (Session) async throws -> Void

    /// When the requests' sessions begin.
    public enum Beginning: Sendable {
        /// With the requests' own first call, which has its place in every order. The default.
        case inOrder
        /// Before the first order's first call, as of requests that are all under way when the first of them goes on:
        /// each is late to the others, whatever the order.
        case beforeAll
    }

    /// What one order has led to.
    public struct Outcome: Sendable {
        /// The session's id when the requests began.
        public let id: ModelID
        /// Where the sessions are.
        public let store: any OwnershipCollection
        /// A manager over the store, to look at what is left.
        public let manager: SessionManager
        /// The client as it was when the requests began.
        public let client: TestBrowser
        /// For each request, in the order in which they were given, the header fields of its response.
        public let responses: [HTTPFields]
        /// For each request the error that it has ended with, if any.
        public let errors: [(any Error)?]
        /// The calls, as `0.fetch`: the request's number and what it has asked.
        public let calls: [String]

        /// The client once the responses have reached it in an order.
        ///
        /// - Parameter order: The requests' numbers; a response that isn't among them was lost.
        public func browser(receiving order: [Int]) -> TestBrowser {
            let browser = TestBrowser(jar: client.cookies)
            for number in order { browser.receive(responses[number]) }
            return browser
        }
    }

    /// An order of calls that a check has found something against.
    public struct Failure: Error, CustomStringConvertible {
        /// The calls, as `0.fetch`.
        public let calls: [String]
        /// What the check threw.
        public let underlying: any Error

        public var description: String { "\(underlying), after \(calls.joined(separator: ", "))" }
    }

    private let makeStore: @Sendable () async throws -> any OwnershipCollection
    private let options: SessionOptions
    private let prepare: Handler

    /// When the requests' sessions begin.
    public var beginning = Beginning.inOrder

    /// The most orders that are run; one more is an error, for requests that never come to an end.
    public var maximumOrders = 100_000

    /// Describes where the requests run.
    ///
    /// - Parameters:
    ///   - options: The managers' options.
    ///   - store: Makes the store of each order; by default one in memory.
    ///   - prepare: Makes the client's session before the requests. Sign in there for one that is signed in.
    public init(
        options: SessionOptions = SessionOptions(),
        store: @escaping @Sendable () async throws -> any OwnershipCollection = { MemoryCollection(name: "sessions") },
        prepare: @escaping Handler = { $0["prepared"] = true }
    ) {
        self.options = options
        self.prepare = prepare
        makeStore = store
    }

    /// Runs requests in every order of their calls.
    ///
    /// - Parameters:
    ///   - requests: The handlers of the requests.
    ///   - check: Looks at what each order has led to.
    /// - Returns: The number of orders that were run.
    /// - Throws: A ``Failure`` with the order in which the check threw; what a store or `prepare` throws.
    @discardableResult
    public func run(_ requests: [Handler], check: (Outcome) async throws -> Void) async throws -> Int {
        var choices = Choices()
        var count = 0
        repeat {
            count += 1
            guard count <= maximumOrders else {
                throw SessionError(.invalidConfiguration, "there are more than \(maximumOrders) orders")
            }
            choices.restart()
            let outcome = try await runOnce(requests, choices: &choices)
            do {
                try await check(outcome)
            } catch {
                throw Failure(calls: outcome.calls, underlying: error)
            }
        } while choices.advance()
        return count
    }

    private func runOnce(_ requests: [Handler], choices: inout Choices) async throws -> Outcome {
        let store = try await makeStore()
        let manager = try SessionManager(sessions: store, options: options)
        let client = TestBrowser()
        let id = try await manager.visit(client) { session in
            try await prepare(session)
            return session.id
        }
        let schedule = Schedule(requests: requests.count)
        let paused = InterposedCollection(store) { await schedule.arrive($0) }
        var underWay: [(manager: SessionManager, client: TestBrowser, session: Session?)] = []
        for _ in requests {
            let (manager, own) = (
                try SessionManager(sessions: paused, options: options), TestBrowser(cookie: client.cookie)
            )
            let session = beginning == .beforeAll ? try await manager.begin(own) : nil
            underWay.append((manager, own, session))
        }
        let tasks = zip(requests, underWay).enumerated().map { number, request in
            let (handler, (manager, own, begun)) = request
            return Schedule.$request.withValue(number) {
                Task {
                    defer { schedule.end(number) }
                    do {
                        if let begun {
                            try await manager.withStoreDeadline { try await manager.serve(begun, own, handler) }
                        } else {
                            try await manager.visit(own, handler)
                        }
                        return (own.last, nil as (any Error)?)
                    } catch {
                        return (own.last, error)
                    }
                }
            }
        }
        while true {
            let ready = await schedule.settle()
            if ready.isEmpty { break }
            schedule.step(ready[choices.next(of: ready.count)])
        }
        var outcomes: [(fields: HTTPFields, error: (any Error)?)] = []
        for task in tasks { outcomes.append(await task.value) }
        return Outcome(
            id: id, store: store, manager: manager, client: client, responses: outcomes.map(\.fields),
            errors: outcomes.map(\.error), calls: schedule.log
        )
    }
}

/// The choices of one run, and the next run's: a walk through a tree, depth first.
private struct Choices {
    private var path: [(choice: Int, count: Int)] = []
    private var depth = 0

    mutating func restart() { depth = 0 }

    /// The choice at the next fork.
    mutating func next(of count: Int) -> Int {
        defer { depth += 1 }
        if depth == path.count { path.append((0, count)) }
        return min(path[depth].choice, count - 1)
    }

    /// Goes on to the next path; `false` after the last one.
    mutating func advance() -> Bool {
        while let last = path.popLast() {
            guard last.choice + 1 < last.count else { continue }
            path.append((last.choice + 1, last.count))
            return true
        }
        return false
    }
}
