import Logging
import Modeler
import Sess
import SessTestSupport
import SessTesting

/// Two servers of an adapter over one store, each with its own way to it, and their managers.
struct TokenSite: Sendable {
    let managers: [SessionManager]
    let store: TestStore
    let gates = Gates()
    let events: EventLog
    /// The calls of the first server on its store that fail.
    let faults: StoreFaults
    let client = TestHTTPClient()
    fileprivate(set) var ports: [Int] = []

    /// A client without cookies that asks the first server.
    func browser() -> Browser { Browser(port: ports[0], client: client) }

    /// Runs servers over an empty store of a kind, and `body` with them.
    ///
    /// - Parameters:
    ///   - configure: The options of both servers.
    ///   - second: What is different at the second one.
    ///   - routes: Adds the site's routes; those of ``TokenRoutes`` are there already.
    static func with(
        _ kind: StoreKind,
        _ adapter: AdapterKind,
        options configure: @Sendable (inout SessionOptions) throws -> Void = { _ in },
        second: @Sendable (inout SessionOptions) throws -> Void = { _ in },
        routes: @escaping @Sendable (AppRoutes, TokenSite) -> Void = { _, _ in },
        _ body: @escaping @Sendable (TokenSite) async throws -> Void
    ) async throws {
        try await withStore(kind) { store in
            try await serve(store, adapter, options: configure, second: second, routes: routes, body)
        }
    }

    /// As ``with(_:_:options:second:routes:_:)``, over a store that may have served before.
    static func serve(
        _ store: TestStore,
        _ adapter: AdapterKind,
        options configure: @Sendable (inout SessionOptions) throws -> Void = { _ in },
        second: @Sendable (inout SessionOptions) throws -> Void = { _ in },
        routes: @escaping @Sendable (AppRoutes, TokenSite) -> Void = { _, _ in },
        _ body: @escaping @Sendable (TokenSite) async throws -> Void
    ) async throws {
        try await withSecondWay(to: store) { other in
            let (events, faults) = (EventLog(), StoreFaults())
            var options = SessionOptions()
            options.logger.logLevel = .critical
            options.onEvent = events.append
            try configure(&options)
            var others = options
            try second(&others)
            let interposed = InterposedCollection(try owners(store.sessions)) { call throws(ModelError) in
                try await faults.check(call)
            }
            let managers = [
                try SessionManager(sessions: interposed, options: options),
                try SessionManager(sessions: other, options: others),
            ]
            let site = TokenSite(managers: managers, store: store, events: events, faults: faults)
            try await withServers(
                on: adapter, managers,
                routes: { app in
                    TokenRoutes.add(to: app, site)
                    routes(app, site)
                },
                { ports in
                    var site = site
                    site.ports = ports
                    try await body(site)
                    await site.client.closeIdle()
                })
        }
    }

    private static func owners(_ store: any ModelCollection) throws -> any OwnershipCollection {
        guard let owners = store as? any OwnershipCollection else {
            throw SessionError(.invalidConfiguration, "the test's store keeps no owners")
        }
        return owners
    }

    /// The ids of all records.
    func ids() async throws -> Set<ModelID> {
        guard let store = store.sessions as? any ScannableCollection else {
            throw SessionError(.invalidConfiguration, "the test's store can't be gone through")
        }
        var ids: Set<ModelID> = []
        var cursor: PageCursor?
        repeat {
            let step = try await store.scan(after: cursor, limit: 1000)
            ids.formUnion(step.ids)
            cursor = step.next
        } while cursor != nil
        return ids
    }

    /// A record as it is stored: its revision and its deadline.
    func record(_ id: String) async throws -> StoredRecord? {
        try await store.sessions.fetch(ModelID(id)).map {
            StoredRecord(revision: $0.revision, expires: $0.lifetime?.expires)
        }
    }
}

/// What changes of a record whenever anything is done to it.
struct StoredRecord: Equatable {
    var revision: Revision
    var expires: Timestamp?
}
