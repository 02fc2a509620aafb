public import HTTPTypes
import Logging
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

        var all: [Attached] { [main].compactMap(\.self) + others }
    }

    private let state = Mutex(State())

    /// An empty place, for a new request.
    public init() {}

    /// Whether the adapter has put the request's session here.
    public var isAttached: Bool { state.withLock { $0.main != nil } }

    /// Returns any session by its id, without a token: ids are public, so an id that comes from the request reaches
    /// anybody's session. Check who asks.
    ///
    /// The request's own is the very same object; another one is read from the store, and its changes are stored by
    /// ``Session/save()``.
    ///
    /// - Parameter system: Whose sessions; the app's only ones unless stated.
    /// - Returns: The session, or `nil` when there is none.
    /// - Throws: `SessionError` with the code `storeUnavailable`.
    public func load(
        _ id: ModelID,
        of system: any SessionSystem.Type = MainSessions.self
    ) async throws(SessionError) -> Session? {
        guard let attached = attached(system) else { return nil }
        if attached.session.id == id { return attached.session }
        return try await attached.manager.unauthorizedSession(id: id)
    }

    /// Returns any session by its id, without a token, as ``load(_:of:)`` does: check who asks.
    public subscript(id: ModelID) -> Session? {
        get async throws(SessionError) { try await load(id) }
    }

    /// The request's own session of a system.
    ///
    /// A route without the system's middleware has none: in a debug build that is an assertion's failure, in a release
    /// build it is logged at `critical`, and the session is detached: it is never stored.
    public func session(of system: any SessionSystem.Type = MainSessions.self) -> Session {
        if let session = attached(system)?.session { return session }
        assertionFailure(Self.missing(system))
        return missingSession(of: system)
    }

    /// The detached session of a route without its middleware.
    package func missingSession(of system: any SessionSystem.Type) -> Session {
        Self.orphans.options.logger.critical("\(Self.missing(system))")
        return Self.orphans.detached(.missingMiddleware, isSecure: false)
    }

    /// The manager of sessions that have none.
    private static let orphans = SessionManager()

    private static func missing(_ system: any SessionSystem.Type) -> String {
        let what = system == MainSessions.self ? "a request's session" : "a session of \(system)"
        return "\(what) was used on a route without its middleware: "
            + "add SessMiddleware, or sess(), before the routes"
    }

    private func attached(_ system: any SessionSystem.Type) -> Attached? {
        state.withLock { state in
            system == MainSessions.self ? state.main : state.others.first { $0.system == system }
        }
    }

    // MARK: For adapters, by way of ``SessionExchange``

    /// Whether a middleware before has begun the session of this system already.
    func hasSession(of system: any SessionSystem.Type, by manager: SessionManager) -> Bool {
        attached(system)?.manager === manager
    }

    /// Puts a request's session in its place.
    ///
    /// - Throws: `SessionError` with the code `invalidConfiguration` where two systems take each other's tokens for
    ///   their own.
    func attach(
        _ session: Session, manager: SessionManager, system: any SessionSystem.Type
    ) throws(SessionError) {
        let shared = state.withLock { state -> String? in
            for other in state.all where other.manager !== manager {
                if let shared = other.manager.ambiguity(with: manager) { return shared }
            }
            let attached = Attached(system: system, session: session, manager: manager, depth: state.all.count)
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
        let all = state.withLock { $0.all }.sorted { $0.depth > $1.depth }
        for attached in all { attached.manager.finishWithoutSaving(attached.session, headerFields: &headerFields) }
    }

    /// Says in a refusal's header fields what the client has to know of a session, and of those that were stored before
    /// it in the same request.
    func addHeaderFields(from session: Session, to headerFields: inout HTTPFields) {
        let all = state.withLock { $0.all }.sorted { $0.depth < $1.depth }
        for attached in all.drop(while: { $0.session !== session }) {
            attached.manager.finishWithoutSaving(attached.session, headerFields: &headerFields)
        }
    }

    /// Notes that the request failed because of a session: what others were to be changed is not saved.
    ///
    /// - Returns: Whether it is the first failure.
    @discardableResult
    func noteFailure() -> Bool {
        state.withLock { state in
            defer { state.hasFailed = true }
            return !state.hasFailed
        }
    }

    /// Whether the request failed because of a session.
    var hasFailed: Bool { state.withLock { $0.hasFailed } }
}
