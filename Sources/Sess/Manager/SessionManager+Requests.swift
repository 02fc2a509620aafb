public import HTTPTypes
import Logging
import Metrics
public import Modeler

extension SessionManager {
    /// The session of a request: the stored one for a valid token, otherwise an empty new one.
    ///
    /// A token is looked up only if it is well formed, and a session is never made under an id that a client sent.
    /// One trip to the store, or none for a request without a token; two at the most where a client sends two cookies
    /// of the name.
    ///
    /// - Throws: ``SessionError/Code/storeUnavailable`` where the store can't serve and the policy is to fail.
    public func begin(_ request: SessionRequest) async throws(SessionError) -> Session {
        let isSecure = request.isSecure(trusting: options.trustedProxies)
        if options.cookie.secure == .always, !isSecure {
            return Session(.detached(.insecureRequest, now: now()), manager: self, isSecure: isSecure)
        }
        guard options.cookie.covers(path: request.path) else {
            return Session(.detached(.optedOut, now: now()), manager: self, isSecure: isSecure)
        }
        let tokens = parser.values(in: request.headerFields).compactMap(SessionToken.init)
        var tried: [[UInt8]] = []
        for token in tokens {
            let digest = token.digest
            guard !tried.contains(digest) else { continue }
            tried.append(digest)
            do {
                if let model = try await find(token, digest: digest) {
                    let check = try await checkOwner(model)
                    if check != .revoked {
                        metrics.loaded.increment()
                        var state = SessionState.stored(model, token: token)
                        state.mayRenew = check == .passed
                        return Session(state, manager: self, isSecure: isSecure)
                    }
                }
            } catch {
                guard options.storeDown == .anonymous else { throw error }
                return Session(.detached(.storeDown, now: now()), manager: self, isSecure: isSecure)
            }
            metrics.refused.increment()
        }
        return Session(.fresh(now: now()), manager: self, isSecure: isSecure)
    }

    /// A session that takes no part: for requests that the app keeps out of sessions.
    public func optOut() -> Session {
        Session(.detached(.optedOut, now: now()), manager: self, isSecure: false)
    }

    /// Stores what a request changed, renews the session where that is due, and says in the response's header fields
    /// what the client has to know. Call it before the response's head leaves.
    ///
    /// A session that ended meanwhile is no error: nothing is stored, and the client's cookie expires.
    ///
    /// - Throws: ``SessionError`` where the session could not be stored; the response must then not claim that it was.
    public func finish(_ session: Session, headerFields: inout HTTPFields) async throws(SessionError) {
        do {
            try await store(session)
        } catch {
            switch error.code {
            case .gone: break
            case .storeUnavailable where options.storeDown == .anonymous && session.isNew: return
            default: throw error
            }
        }
        finishWithoutSaving(session, headerFields: &headerFields)
        session.withState { $0.isFinished = !$0.isDetached }
    }

    /// Says in the response's header fields what the client has to know, and stores nothing: for a request that failed.
    /// A token that was replaced or a session that was destroyed before the failure is so in the store already.
    public func finishWithoutSaving(_ session: Session, headerFields: inout HTTPFields) {
        let cookie = options.cookie
        let value = session.withState { state -> String? in
            switch (state.standing, state.cookie) {
            case (.stored, let action) where action == .issue || cookie.alwaysSet:
                return state.token.map {
                    cookie.header(token: $0, isSecure: session.isSecure, remaining: state.model.lifetime?.remaining)
                }
            case (.fresh, .expire), (.ended, .expire):
                return cookie.expiringHeader(isSecure: session.isSecure)
            default:
                return nil
            }
        }
        if let value {
            headerFields.append(HTTPField(name: .setCookie, value: value))
            // RFC 9111 §5.2.2.5: no cache may keep what one client alone may have.
            headerFields[.cacheControl] = "no-store"
        }
        let varies = session.withState { $0.wasUsed || value != nil }
        if varies { Self.addVaryCookie(to: &headerFields) }
    }

    private func store(_ session: Session) async throws(SessionError) {
        let (needsCommit, renewed) = session.withState { state in
            (
                !state.pending.isEmpty || state.newLimits != nil || state.fault != nil,
                isRenewalDue(state) ? state.model.id : nil
            )
        }
        if session.isDetached {
            if needsCommit {
                options.logger.warning("changes of a session that takes no part are dropped")
            }
            return
        }
        guard needsCommit || renewed != nil else { return }
        await session.gate.enter()
        defer { session.gate.leave() }
        if needsCommit {
            try await session.commit()
        } else if let renewed {
            guard try await renewIfPossible(session, renewed) else { return }
        }
        if options.cookie.persistence == .sessionLifetime {
            session.withState { if $0.token != nil { $0.cookie = .issue } }
        }
    }

    /// Whether the session was renewed. A store that is down by now is no reason to fail a request that only read.
    private func renewIfPossible(_ session: Session, _ id: ModelID) async throws(SessionError) -> Bool {
        do {
            try await session.renew(id)
        } catch  where error.code == .storeUnavailable {
            return false
        }
        metrics.touched.increment()
        return true
    }

    /// Whether the deadline would move by the touch window or more.
    private func isRenewalDue(_ state: SessionState) -> Bool {
        if case .stored = state.standing { isRenewalDue(state.model) } else { false }
    }

    func isRenewalDue(_ model: Model) -> Bool {
        guard let lifetime = model.lifetime, let idle = lifetime.expiry.idle, let expires = lifetime.expires,
            let renewed = Lifetime.deadline(lifetime.expiry, created: model.created, now: lifetime.now)
        else { return false }
        let window = options.touchWindow ?? min(max(.seconds(60), idle / 10), idle / 4)
        return renewed - expires >= window && renewed > expires
    }

    private func find(_ token: SessionToken, digest: [UInt8]) async throws(SessionError) -> Model? {
        let id = token.id
        let model: Model?
        do {
            model = try await ask { store throws(ModelError) in try await store.fetch(id) }
        } catch  where error.code == .unreadable {
            report(.unreadableSession(session: id))
            return nil
        }
        guard let model else { return nil }
        guard let field = model.fields[TokenRecord.fieldName], let record = TokenRecord(field.value) else {
            report(.unreadableSession(session: id))
            return nil
        }
        return record.accepts(digest, now: model.lifetime?.now ?? model.updated) ? model : nil
    }

    private static func addVaryCookie(to headerFields: inout HTTPFields) {
        for field in headerFields[values: .vary] {
            for name in field.split(separator: ",") {
                let name = name.filter { $0 != " " && $0 != "\t" }
                if name == "*" || name.lowercased() == "cookie" { return }
            }
        }
        headerFields.append(HTTPField(name: .vary, value: "Cookie"))
    }
}

extension SessionManager {
    /// Another session, by its id, for programs that look after sessions: no token is asked for, so the caller
    /// decides who may do this. Changes are stored by ``Session/save()``.
    ///
    /// - Returns: The session, or `nil` when there is none.
    /// - Throws: ``SessionError/Code/storeUnavailable``.
    public func session(id: ModelID) async throws(SessionError) -> Session? {
        let model = try await ask { store throws(ModelError) in try await store.fetch(id) }
        return model.map { Session(.stored($0, token: nil), manager: self, isSecure: false) }
    }
}
