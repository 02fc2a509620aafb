public import Middler
public import Modeler
public import Sess

extension Request {
    private enum SessionsKey: RequestKey { typealias Value = RequestSessions }

    /// The request's session. Change it; it is saved before the response leaves.
    ///
    /// A route without ``SessionHandler`` has none: see `RequestSessions.session(of:)`.
    public var session: Session { sessions.session() }

    /// The request's session of one of several systems.
    ///
    /// A route without that system's ``SessionHandler`` has none: see `RequestSessions.session(of:)`.
    public func session<System: SessionSystem>(of system: System.Type) -> Session { sessions.session(of: system) }

    /// The session's id. It is no secret.
    ///
    /// A route without ``SessionHandler`` has none: see `RequestSessions.session(of:)`.
    public var sessionID: ModelID { session.id }

    /// The sessions that the request can reach: its own, and others by id, as in `try await request.sessions[id]`.
    public var sessions: RequestSessions {
        if let sessions = self[SessionsKey.self] { return sessions }
        let sessions = RequestSessions()
        self[SessionsKey.self] = sessions
        return sessions
    }
}
