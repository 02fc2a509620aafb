import HTTPTypes
public import Modeler

extension SessionManager {
    /// The session of a request: the stored one for a valid token, otherwise an empty new one.
    ///
    /// A token is looked up only if it is well formed, and a session is never made under an id that a client sent.
    /// One round trip to the store, or none for a request without a token; two at most where a client sends several.
    ///
    /// - Throws: ``SessionError/Code/storeUnavailable`` where the store can't serve and the policy is to fail.
    public func begin(_ request: SessionRequest) async throws(SessionError) -> Session {
        let isSecure = request.isSecure(trusting: options.trustedProxies)
        let details = try details(of: request)
        if let reason = reasonToDetach(request, details, isSecure: isSecure) {
            return detached(reason, isSecure: isSecure)
        }
        let parser = details?.parser ?? parser
        var exchange = Exchange()
        let lookup: SessionLookup
        do {
            lookup = try await lookUp(request.headerFields, parser: parser)
        } catch {
            guard options.store.whenDown == .anonymous, error.code == .storeUnavailable else { throw error }
            return detached(.storeDown, isSecure: isSecure)
        }
        let machine: SessionMachine
        switch lookup {
        case .found(let record, let held, let isOfPair, let transport):
            exchange.transport = transport
            exchange.presented = record.model.id
            exchange.resends = isOfPair
            machine = .stored(record, client: .held(held), namespace: namespace, exchange: exchange)
        case .lost(let reason, let transport):
            exchange.transport = transport
            machine = .detached(reason, now: now(), namespace: namespace, exchange: exchange)
        case .none:
            exchange.transport = options.tokens.transports[0]
            machine = .fresh(
                now: now(), id: try newID(for: details), namespace: namespace, exchange: exchange)
        }
        return Session(machine, manager: self, isSecure: isSecure, details: details)
    }

    /// Why a request takes no part in sessions, by the rules of its cookie; `nil` where it does.
    private func reasonToDetach(
        _ request: SessionRequest, _ details: RequestDetails?, isSecure: Bool
    ) -> SessionMachine.DetachedReason? {
        withCookie(of: details) { cookie in
            if cookie.secure == .always, !isSecure { return .insecureRequest }
            return cookie.covers(path: request.path) ? nil : .optedOut
        }
    }

    /// A session that takes no part: for requests that the app keeps out of sessions.
    public func optOut() -> Session { detached(.optedOut, isSecure: false) }

    func detached(_ reason: SessionMachine.DetachedReason, isSecure: Bool) -> Session {
        Session(.detached(reason, now: now(), namespace: namespace), manager: self, isSecure: isSecure)
    }

    /// Returns any session by its id, without a token: ids are public, so whoever may choose the id reaches anybody's
    /// session. For operators' programs; check who asks. Changes are stored by ``Session/save()``, whatever becomes of
    /// the client's token.
    ///
    /// - Returns: The session, or `nil` when there is none, or none that can be read.
    /// - Throws: ``SessionError/Code/storeUnavailable``.
    public func unauthorizedSession(id: ModelID) async throws(SessionError) -> Session? {
        guard var model = try await fetchReadable(id) else { return nil }
        var isReadOnly = false
        if options.schema.version > 0 {
            var backoff = Backoff()
            migration: while true {
                guard await backoff.next() else {
                    throw SessionError(
                        .conflict, "\(id) was changed by others \(Backoff.maximumAttempts) times in a row")
                }
                switch try await migrate(model) {
                case .done(let migrated): model = migrated
                case .unstored(let migrated):
                    model = migrated
                    isReadOnly = true
                case .overtaken(let current):
                    model = current
                    continue migration
                case .none, .unreadable: return nil
                }
                break
            }
        }
        let record = SessionRecord(model, isReadOnly: isReadOnly)
        return Session(.stored(record, client: .notAsked, namespace: namespace), manager: self, isSecure: false)
    }
}
