public import Sess

/// Runs a server of an adapter on a free port, with sessions before the routes, and `body` with its port.
///
/// - Parameters:
///   - skip: The paths whose requests take no part in sessions.
///   - systems: Further session systems of the app, in the order of their middlewares.
///   - mount: Where the routes are, with the sessions within: the app sees paths below it only.
///   - changesProtocol: Whether connections can do nothing but change to ``AppProtocol``, where the adapter's server
///     can: Middler's declines.
public func withApp<Result: Sendable>(
    on adapter: AdapterKind,
    _ manager: SessionManager,
    systems: [AppSystem] = [],
    isTLS: Bool = false,
    mount: String? = nil,
    changesProtocol: Bool = false,
    skip: (@Sendable (String) -> Bool)? = nil,
    routes: (AppRoutes) -> Void,
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    let app = AppRoutes()
    routes(app)
    let sessions = AppSessions(
        systems: [AppSystem(MainSessions.self, manager)] + systems, isTLS: isTLS, mount: mount,
        changesProtocol: changesProtocol,
        skip: skip)
    switch adapter {
    case .hummingbird: return try await withHummingbird(app.routes, sessions, body)
    case .middler: return try await withMiddler(app.routes, sessions, body)
    }
}

/// One session system of a test's app.
public struct AppSystem: Sendable {
    let system: any SessionSystem.Type
    let manager: SessionManager

    public init(_ system: any SessionSystem.Type, _ manager: SessionManager) {
        self.system = system
        self.manager = manager
    }
}

/// What an app's sessions are, whichever adapter brings them.
struct AppSessions: Sendable {
    let systems: [AppSystem]
    let isTLS: Bool
    let mount: String?
    let changesProtocol: Bool
    let skip: (@Sendable (String) -> Bool)?
}
