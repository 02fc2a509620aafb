public import Middler
public import Sess

extension Request {
    private enum SessionsKey: RequestKey { typealias Value = RequestSessions }

    /// The request's session. Change it; it is saved before the response leaves.
    ///
    /// A route without ``SessionHandler`` has none: see `RequestSessions.session(of:)`.
    public var session: Session { requestSessions.session() }

    /// The request's session of one of several systems.
    ///
    /// A route without that system's ``SessionHandler`` has none: see `RequestSessions.session(of:)`.
    public func session<System: SessionSystem>(of system: System.Type) -> Session {
        requestSessions.session(of: system)
    }

    /// The sessions that the request can reach: its own, and others by id, as in `try await
    /// request.requestSessions[id]`.
    public var requestSessions: RequestSessions {
        if let sessions = self[SessionsKey.self] { return sessions }
        let sessions = RequestSessions()
        self[SessionsKey.self] = sessions
        return sessions
    }
}
