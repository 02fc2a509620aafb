import Logging
public import Sess

/// Runs a server of an adapter for each manager, all with the same routes, and `body` with their ports.
public func withServers<Result: Sendable>(
    on adapter: AdapterKind,
    _ managers: [SessionManager],
    routes: @escaping @Sendable (AppRoutes) -> Void,
    _ body: @escaping @Sendable ([Int]) async throws -> Result
) async throws -> Result {
    guard let manager = managers.first else { return try await body([]) }
    return try await withApp(on: adapter, manager, routes: routes) { port in
        try await withServers(on: adapter, Array(managers.dropFirst()), routes: routes) { ports in
            try await body([port] + ports)
        }
    }
}

/// Runs two servers of an adapter, each with its own way to one empty store of a kind.
///
/// - Parameter configure: The sessions' options, for both alike.
public func withTwoServers<Result: Sendable>(
    on adapter: AdapterKind,
    over kind: StoreKind,
    configure: @Sendable (inout SessionOptions) throws -> Void = { _ in },
    routes: @escaping @Sendable (AppRoutes) -> Void,
    _ body: @escaping @Sendable (_ first: Int, _ second: Int, TestStore) async throws -> Result
) async throws -> Result {
    var options = SessionOptions()
    options.logger.logLevel = .critical
    try configure(&options)
    return try await withStore(kind) { [options] store in
        try await withSecondWay(to: store) { other in
            let managers = try [store.sessions, other].map { try SessionManager(sessions: $0, options: options) }
            return try await withServers(on: adapter, managers, routes: routes) { ports in
                try await body(ports[0], ports[1], store)
            }
        }
    }
}
