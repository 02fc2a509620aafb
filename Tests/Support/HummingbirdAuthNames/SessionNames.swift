public import Hummingbird
import Synchronization

/// The public names of hummingbird-auth 2 that have to do with sessions, without what is behind them: for the proof
/// that an app can have it and SessHummingbird in one file.

/// A context with a session of hummingbird-auth.
public protocol SessionRequestContext: RequestContext {
    associatedtype Session: Sendable & Codable
    var sessions: SessionContext<Session> { get }
}

/// The place of a request's session.
public struct SessionContext<Session: Sendable & Codable>: Sendable {
    private final class Box: Sendable {
        let session = Mutex<Session?>(nil)
    }
    private let box = Box()

    public init() {}

    public var session: Session? { box.session.withLock { $0 } }

    public func setSession(_ session: Session, expiresIn: Duration? = nil) { box.session.withLock { $0 = session } }
    public func clearSession() { box.session.withLock { $0 = nil } }
}

/// A context with a session and an identity.
public struct BasicSessionRequestContext<Session: Sendable & Codable, Identity: Sendable>: SessionRequestContext,
    AuthRequestContext
{
    public var coreContext: CoreRequestContextStorage
    public let sessions = SessionContext<Session>()
    public var identity: Identity?

    public init(source: ApplicationRequestContextSource) { coreContext = .init(source: source) }
}

/// Begins and stores the session of each request.
public struct SessionMiddleware<Context: SessionRequestContext>: RouterMiddleware {
    public init() {}

    @concurrent
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await next(request, context)
    }
}
