import Logging
import Modeler
import Sess
import SessTestSupport
import SessTesting
import Synchronization

/// A server of an adapter over a store of a kind, with what the server asks of its store.
struct ServedSessions: Sendable {
    let port: Int
    /// The store itself: what is asked of it here is not among ``calls(during:)``.
    let store: TestStore
    fileprivate let interposed: InterposedCollection
    fileprivate let faults: StoreFaults

    /// The calls on the store that the server makes while `body` runs.
    func calls(during body: () async throws -> Void) async throws -> [StoreCall] {
        let before = interposed.log.count
        try await body()
        return Array(interposed.log.dropFirst(before))
    }

    /// Has the server's calls of some kinds fail while `body` runs.
    func failing(_ calls: Set<StoreCall>, _ body: () async throws -> Void) async throws {
        faults.set(calls)
        defer { faults.set([]) }
        try await body()
    }

    /// Has the server's writes take a while from here on.
    func slowWrites(_ time: Duration) { faults.slowWrites(time) }
}

/// The calls on a store that fail, and how long its writes take.
final class StoreFaults: Sendable {
    private let calls = Mutex<Set<StoreCall>>([])
    private let pause = Mutex(Duration.zero)

    func set(_ calls: Set<StoreCall>) { self.calls.withLock { $0 = calls } }

    func slowWrites(_ time: Duration) { pause.withLock { $0 = time } }

    func check(_ call: StoreCall) async throws(ModelError) {
        let pause = pause.withLock { $0 }
        if pause > .zero, call != .fetch {
            // Whoever is cancelled here has ended the test.
            try? await Task.sleep(for: pause)
        }
        if calls.withLock({ $0.contains(call) }) {
            throw ModelError(.unavailable, "down for the test")
        }
    }
}

/// Runs a server of an adapter over an empty store of a kind, and `body` with both.
func withSessions(
    _ kind: StoreKind,
    _ adapter: AdapterKind,
    isTLS: Bool = false,
    mount: String? = nil,
    changesProtocol: Bool = false,
    options configure: (inout SessionOptions) throws -> Void = { _ in },
    routes: (AppRoutes) -> Void,
    _ body: @Sendable (ServedSessions) async throws -> Void
) async throws {
    try await withStore(kind) { store in
        try await serve(
            store, adapter, isTLS: isTLS, mount: mount, changesProtocol: changesProtocol, options: configure,
            routes: routes, body)
    }
}

/// Runs a server of an adapter over a store, and `body` with both. A store may have several, one after another.
func serve(
    _ store: TestStore,
    _ adapter: AdapterKind,
    isTLS: Bool = false,
    mount: String? = nil,
    changesProtocol: Bool = false,
    options configure: (inout SessionOptions) throws -> Void = { _ in },
    routes: (AppRoutes) -> Void,
    _ body: @Sendable (ServedSessions) async throws -> Void
) async throws {
    let faults = StoreFaults()
    let interposed = InterposedCollection(store.sessions) { call throws(ModelError) in try await faults.check(call) }
    var options = SessionOptions()
    options.logger.logLevel = .critical
    try configure(&options)
    let manager = try SessionManager(sessions: interposed, options: options)
    try await withApp(
        on: adapter, manager, isTLS: isTLS, mount: mount, changesProtocol: changesProtocol, routes: routes
    ) { port in
        try await body(ServedSessions(port: port, store: store, interposed: interposed, faults: faults))
    }
}

/// Runs `body` with a client that has no cookies yet.
func withBrowser<Result>(_ port: Int, _ body: (Browser) async throws -> Result) async throws -> Result {
    let browser = Browser(port: port)
    do {
        let result = try await body(browser)
        await browser.client.closeIdle()
        return result
    } catch {
        await browser.client.closeIdle()
        throw error
    }
}

/// What happened to a server's sessions, in order, without what its requests have asked for themselves.
final class EventLog: Sendable {
    private let events = Mutex<[SessionEvent]>([])

    var all: [SessionEvent] { events.withLock { $0 } }

    @Sendable func append(_ event: SessionEvent) {
        switch event {
        case .created, .signedIn, .ended: return
        default: events.withLock { $0.append(event) }
        }
    }

    /// The events so far, which are forgotten.
    func take() -> [SessionEvent] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }
}
