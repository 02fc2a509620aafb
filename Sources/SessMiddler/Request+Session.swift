public import Middler
public import Modeler
public import Sess

extension Request {
    private enum SessionsKey: RequestKey { typealias Value = RequestSessions }

    /// The request's session. Change it; it is saved before the response leaves.
    ///
    /// - Precondition: ``SessionHandler`` runs before whatever asks.
    public var session: Session { sessions.session }

    /// The request's session of one of several systems.
    ///
    /// - Precondition: That system's ``SessionHandler`` runs before whatever asks.
    public func session<System: SessionSystem>(of system: System.Type) -> Session { sessions.session(of: system) }

    /// The session's id. It is no secret.
    ///
    /// - Precondition: ``SessionHandler`` runs before whatever asks.
    public var sessionID: ModelID { session.id }

    /// The sessions that the request can reach: its own, and others by id, as in `try await request.sessions[id]`.
    public var sessions: RequestSessions {
        if let sessions = self[SessionsKey.self] { return sessions }
        let sessions = RequestSessions()
        self[SessionsKey.self] = sessions
        return sessions
    }
}
