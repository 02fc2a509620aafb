import HTTPTypes
public import Logging
public import Middler
import NIOCore
public import Sess

/// Gives every request its session and saves it before the response's head leaves.
///
/// ```swift
/// middler(server)
///     .add(sess())
///     .get("/") { request in
///         request.session["times", default: 0] += 1
///         return "\(request.session["times", default: 0]) times"
///     }
/// ```
///
/// Add it once for each `SessionSystem`, before what uses sessions. A handler that throws a `ResponseError` has its
/// changes saved like any other; after any other error nothing is saved. All errors go on to the chain's `onError`, and
/// so does the `SessionError` of a session that can't be read or stored, which is answered with its status (503 and
/// `Retry-After` where the store is away) unless the app answers otherwise. Whoever answers, the client learns of its
/// session.
public final class SessionHandler: Handler {
    private let manager: SessionManager
    private let system: any SessionSystem.Type
    private let isTLS: Bool
    private let logger: Logger
    private let skip: (@Sendable (Request) -> Bool)?

    /// Makes the handler.
    ///
    /// - Parameters:
    ///   - manager: Begins and stores the sessions.
    ///   - system: Names the sessions, for an app that has several systems of them; see `SessionSystem`.
    ///   - isTLS: Whether the connection to this server is TLS. Behind a proxy leave it `false` and name the proxy in
    ///     `SessionOptions.trustedProxies`.
    ///   - logger: Where requests are logged whose session could not be read or saved.
    ///   - skip: Requests that take no part in sessions, such as those for static files.
    public init(
        _ manager: SessionManager,
        system: any SessionSystem.Type = MainSessions.self,
        isTLS: Bool = false,
        logger: Logger = Logger(label: "sess"),
        skip: (@Sendable (Request) -> Bool)? = nil
    ) {
        self.manager = manager
        self.system = system
        self.isTLS = isTLS
        self.logger = logger
        self.skip = skip
    }

    public func handle(_ request: Request, next: Next) async throws -> Response {
        guard manager.hasStoreDeadline else { return try await respond(to: request, next: next) }
        return try await manager.withStoreDeadline { try await respond(to: request, next: next) }
    }

    private func respond(to request: Request, next: Next) async throws -> Response {
        let sessions = request.sessions
        let session: Session
        do {
            let isSkipped = if let skip { skip(request) } else { false }
            session = isSkipped ? manager.optOut() : try await manager.begin(description(of: request))
            try sessions.attach(session, manager: manager, system: system)
        } catch {
            throw failure(error, sessions)
        }
        var response: Response
        do {
            response = try await next(request)
        } catch {
            // Who answers isn't known here; whoever it is, the client learns of its session.
            defer { tell(of: session, in: request) }
            if let error = error as? SessionError { throw failure(error, sessions) }
            guard error is any ResponseError, !sessions.hasFailed else { throw error }
            var unused = HTTPFields()
            do {
                try await manager.finish(session, headerFields: &unused)
            } catch {
                throw failure(error, sessions)
            }
            throw error
        }
        if sessions.hasFailed {
            manager.finishWithoutSaving(session, headerFields: &response.headerFields)
            return response
        }
        do {
            try await manager.finish(session, headerFields: &response.headerFields)
        } catch {
            // Those of the handlers behind this one have told the response that is dropped now.
            request.onResponse { sessions.finishWithoutSaving(from: session, headerFields: &$0.headerFields) }
            throw failure(error, sessions)
        }
        return response
    }

    /// Says in the response, whoever makes it, what the client has to know of a session.
    private func tell(of session: Session, in request: Request) {
        request.onResponse { [manager] in manager.finishWithoutSaving(session, headerFields: &$0.headerFields) }
    }

    private func failure(_ error: SessionError, _ sessions: RequestSessions) -> SessionError {
        // Handlers in a row pass one error on.
        if !sessions.hasFailed {
            logger.error("a session could not be read or saved", metadata: ["error": "\(error)"])
        }
        sessions.noteFailure()
        return error
    }

    private func description(of request: Request) -> SessionRequest {
        SessionRequest(
            headerFields: request.headerFields,
            path: request.fullPath,
            authority: manager.usesAuthority ? request.authority : nil,
            isSecure: isTLS,
            remoteAddress: manager.usesRemoteAddress ? request.remoteAddress?.ipAddress : nil
        )
    }
}

/// A handler that keeps sessions in this process's memory.
public func sess() -> SessionHandler { SessionHandler(SessionManager()) }

/// A handler that keeps sessions in a collection.
public func sess(_ manager: SessionManager) -> SessionHandler { SessionHandler(manager) }
