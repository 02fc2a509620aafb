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
    private let skip: (@Sendable (Request) -> Bool)?

    /// Makes the handler.
    ///
    /// - Parameters:
    ///   - manager: Begins and stores the sessions.
    ///   - system: Names the sessions, for an app that has several systems of them; see `SessionSystem`.
    ///   - isTLS: Whether the connection to this server is TLS. Behind a proxy leave it `false` and name the proxy in
    ///     `SessionOptions.trustedProxies`.
    ///   - skip: Requests that take no part in sessions, such as those for static files.
    public init(
        _ manager: SessionManager,
        system: any SessionSystem.Type = MainSessions.self,
        isTLS: Bool = false,
        skip: (@Sendable (Request) -> Bool)? = nil
    ) {
        self.manager = manager
        self.system = system
        self.isTLS = isTLS
        self.skip = skip
    }

    public func handle(_ request: Request, next: Next) async throws -> Response {
        let isSkipped = if let skip { skip(request) } else { false }
        return try await SessionExchange(manager, system: system, in: request.requestSessions).run(
            isSkipped ? nil : description(of: request),
            headerFields: \.headerFields,
            isResponse: { $0 is any ResponseError },
            carry: { error, add in
                // Whoever makes the response isn't known here.
                request.onResponse { add(&$0.headerFields) }
                return error
            },
            handler: { try await next(request) })
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
