public import HTTPTypes
public import Logging
public import Sess

/// Runs a server of an adapter on a free port, with sessions before the routes, and `body` with its port.
///
/// - Parameters:
///   - skip: The paths whose requests take no part in sessions.
///   - systems: Further session systems of the app, in the order of their middlewares.
///   - logger: Where the server and its sessions' adapter log.
///   - protection: The check of cross-site requests before the sessions, if any.
///   - optsOut: Whether a request takes no part in sessions, by its header fields.
///   - mount: Where the routes are, with the sessions within: the app sees paths below it only.
///   - changesProtocol: Whether connections can do nothing but change to ``AppProtocol``, where the adapter's server
///     can: Middler's declines.
public func withApp<Result: Sendable>(
    on adapter: AdapterKind,
    _ manager: SessionManager,
    systems: [AppSystem] = [],
    isTLS: Bool = false,
    mount: String? = nil,
    protection: CrossSiteProtection? = nil,
    changesProtocol: Bool = false,
    logger: Logger = Logger(label: "app", factory: { _ in SwiftLogNoOpLogHandler() }),
    skip: (@Sendable (String) -> Bool)? = nil,
    optsOut: (@Sendable (HTTPFields) -> Bool)? = nil,
    routes: (AppRoutes) -> Void,
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    let app = AppRoutes()
    routes(app)
    var isSkipped: (@Sendable (String, HTTPFields) -> Bool)?
    if skip != nil || optsOut != nil {
        isSkipped = { path, fields in skip?(path) == true || optsOut?(fields) == true }
    }
    let sessions = AppSessions(
        systems: [AppSystem(MainSessions.self, manager)] + systems, isTLS: isTLS, mount: mount, protection: protection,
        changesProtocol: changesProtocol, logger: logger, skip: isSkipped)
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
    let protection: CrossSiteProtection?
    let changesProtocol: Bool
    let logger: Logger
    /// Whether a request takes no part, by its path and its header fields.
    let skip: (@Sendable (String, HTTPFields) -> Bool)?
}
