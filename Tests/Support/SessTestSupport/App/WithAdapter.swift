public import Sess

/// Runs a server of an adapter on a free port, with sessions before the routes, and `body` with its port.
///
/// - Parameters:
///   - skip: The paths whose requests take no part in sessions.
///   - mount: Where the routes are, with the sessions within: the app sees paths below it only.
public func withApp<Result: Sendable>(
    on adapter: AdapterKind,
    _ manager: SessionManager,
    isTLS: Bool = false,
    mount: String? = nil,
    skip: (@Sendable (String) -> Bool)? = nil,
    routes: (AppRoutes) -> Void,
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    let app = AppRoutes()
    routes(app)
    switch adapter {
    case .hummingbird:
        return try await withHummingbird(app.routes, manager, isTLS: isTLS, mount: mount, skip: skip, body)
    case .middler:
        return try await withMiddler(app.routes, manager, isTLS: isTLS, mount: mount, skip: skip, body)
    }
}
