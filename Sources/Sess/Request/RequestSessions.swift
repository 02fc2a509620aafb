public import HTTPTypes
public import Modeler
import Synchronization

/// The sessions that one request can reach: its own, and others by id.
public final class RequestSessions: Sendable {
    private struct Attached {
        var system: any SessionSystem.Type
        var session: Session
        var manager: SessionManager
        /// The number of middlewares before its own.
        var depth: Int
    }

    private struct State {
        var main: Attached?
        var others: [Attached] = []
        var hasFailed = false
    }

    private let state = Mutex(State())

    /// An empty place, for a new request.
    public init() {}

    /// Whether the adapter has put the request's session here.
    public var isAttached: Bool { state.withLock { $0.main != nil } }

    /// The session of an id: the request's own as the very same object, another one read from the store.
    ///
    /// Changes of another session are stored by ``Session/save()``. No token is asked for: the app decides who may
    /// reach whose session.
    ///
    /// - Parameter system: Whose sessions; the app's only ones unless stated.
    /// - Returns: The session, or `nil` when there is none.
    /// - Throws: `SessionError` with the code `storeUnavailable`.
    public func load(
        _ id: ModelID,
        of system: any SessionSystem.Type = MainSessions.self
    ) async throws(SessionError) -> Session? {
        let own = session(of: system)
        if own.id == id { return own }
        guard let manager = attached(system)?.manager else { return nil }
        return try await manager.session(id: id)
    }

    /// As ``load(_:of:)`` of the app's only sessions.
    public subscript(id: ModelID) -> Session? {
        get async throws(SessionError) { try await load(id) }
    }

    /// The request's own session.
    package var session: Session {
        guard let session = state.withLock({ $0.main?.session }) else { Self.missing("a request's session") }
        return session
    }

    /// The request's own session of a system.
    package func session(of system: any SessionSystem.Type) -> Session {
        guard let session = attached(system)?.session else { Self.missing("a session of \(system)") }
        return session
    }

    private static func missing(_ what: String) -> Never {
        // A session that nobody saves would lose what the app writes to it without a word.
        preconditionFailure(
            "\(what) was used on a route without its middleware: add SessionMiddleware, or sess(), before the routes"
        )
    }

    private func attached(_ system: any SessionSystem.Type) -> Attached? {
        state.withLock { state in
            system == MainSessions.self ? state.main : state.others.first { $0.system == system }
        }
    }

    /// Puts a request's session in its place.
    ///
    /// - Throws: `SessionError` with the code `invalidConfiguration` where two systems take each other's tokens for their
    ///   own.
    package func attach(
        _ session: Session, manager: SessionManager, system: any SessionSystem.Type
    ) throws(SessionError) {
        let shared = state.withLock { state -> String? in
            let depth = (state.main == nil ? 0 : 1) + state.others.count
            let attached = Attached(system: system, session: session, manager: manager, depth: depth)
            if let main = state.main, system != MainSessions.self, let shared = main.manager.shares(with: manager) {
                return shared
            }
            for other in state.others where other.system != system {
                if let shared = other.manager.shares(with: manager) { return shared }
            }
            if system == MainSessions.self {
                state.main = attached
            } else {
                state.others.removeAll { $0.system == system }
                state.others.append(attached)
            }
            return nil
        }
        if let shared {
            throw SessionError(
                .invalidConfiguration, "two session systems of one request have \(shared): give one of them another"
            )
        }
    }

    /// Says in a response's header fields what the client has to know of the request's sessions: for a response that is
    /// made outside of the sessions' middleware, as of an error that it has passed on. Nothing is stored by it.
    public func addHeaderFields(to headerFields: inout HTTPFields) {
        let all = state.withLock { state in
            ([state.main].compactMap(\.self) + state.others).sorted { $0.depth > $1.depth }
        }
        for attached in all { attached.manager.finishWithoutSaving(attached.session, headerFields: &headerFields) }
    }

    /// Says in a refusal's header fields what the client has to know of a session, and of those that were stored before
    /// it in the same request.
    package func finishWithoutSaving(from session: Session, headerFields: inout HTTPFields) {
        let all = state.withLock { state in
            ([state.main].compactMap(\.self) + state.others).sorted { $0.depth < $1.depth }
        }
        for attached in all.drop(while: { $0.session !== session }) {
            attached.manager.finishWithoutSaving(attached.session, headerFields: &headerFields)
        }
    }

    /// Says that the request failed because of a session: what others were to be changed is not saved.
    package func noteFailure() { state.withLock { $0.hasFailed = true } }

    /// Whether the request failed because of a session.
    package var hasFailed: Bool { state.withLock { $0.hasFailed } }
}
