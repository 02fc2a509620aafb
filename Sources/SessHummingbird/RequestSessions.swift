public import Modeler
public import Sess
import Synchronization

/// The sessions that one request can reach: its own, and others by id.
public final class RequestSessions: Sendable {
    private struct Attached {
        var session: Session
        var manager: SessionManager
    }

    private let attached = Mutex<Attached?>(nil)

    /// An empty place, for a new request.
    public init() {}

    /// Whether ``SessionMiddleware`` has run.
    public var isAttached: Bool { attached.withLock { $0 != nil } }

    /// The session of an id: the request's own as the very same object, another one read from the store.
    ///
    /// Changes of another session are stored by ``Session/save()``. No token is asked for: the app decides who may
    /// reach whose session.
    ///
    /// - Returns: The session, or `nil` when there is none.
    /// - Throws: `SessionError` with the code `storeUnavailable`.
    public func load(_ id: ModelID) async throws(SessionError) -> Session? {
        let own = session
        if own.id == id { return own }
        guard let manager = attached.withLock({ $0?.manager }) else { return nil }
        return try await manager.session(id: id)
    }

    var session: Session {
        guard let session = attached.withLock({ $0?.session }) else {
            // A session that nobody saves would lose what the app writes to it without a word.
            preconditionFailure(
                "context.session was used on a route without SessionMiddleware: add it to the router, before the routes"
            )
        }
        return session
    }

    func attach(_ session: Session, manager: SessionManager) {
        attached.withLock { $0 = Attached(session: session, manager: manager) }
    }
}
