public import HTTPTypes
import Logging
import Metrics
import Modeler

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
        let details = try details(of: request)
        let cookie = details?.cookie ?? options.cookie
        if cookie.secure == .always, !isSecure {
            return Session(.detached(.insecureRequest, now: now(), scope: scope), manager: self, isSecure: isSecure)
        }
        guard cookie.covers(path: request.path) else {
            return Session(.detached(.optedOut, now: now(), scope: scope), manager: self, isSecure: isSecure)
        }
        let parser = cookie.name == options.cookie.name ? parser : CookieParser(name: cookie.name)
        var tried: [[UInt8]] = []
        var replaced: SessionTransport?
        for candidate in candidates(in: request.headerFields, parser: parser) {
            let (token, transport) = (candidate.token, candidate.transport)
            let digest = token.digest(in: scope)
            guard tried.count < CookieParser.maximumCandidates, !tried.contains(digest) else { continue }
            tried.append(digest)
            do {
                switch try await find(token, digest: digest) {
                case .found(let found):
                    let model = found.model
                    let check = try await checkOwner(model)
                    if check != .revoked {
                        metrics.loaded.increment()
                        var state = SessionState.stored(
                            model, token: token, scope: scope, isTokenSuperseded: found.isSuperseded)
                        state.refusesWrites = found.refusesWrites
                        state.transport = transport
                        if candidate.isOfPair { state.cookie = .issue }
                        state.mayRenew = check == .passed
                        return Session(state, manager: self, isSecure: isSecure, details: details)
                    }
                case .replaced: replaced = transport
                case .none: break
                }
            } catch {
                guard options.storeDown == .anonymous, error.code == .storeUnavailable else { throw error }
                return Session(.detached(.storeDown, now: now(), scope: scope), manager: self, isSecure: isSecure)
            }
            metrics.refused.increment()
        }
        if let replaced {
            var state = SessionState.detached(.replaced, now: now(), scope: scope)
            state.transport = replaced
            return Session(state, manager: self, isSecure: isSecure, details: details)
        }
        var state = SessionState.fresh(now: now(), id: try newID(for: details), scope: scope)
        state.transport = options.transports[0]
        return Session(state, manager: self, isSecure: isSecure, details: details)
    }

    /// A session that takes no part: for requests that the app keeps out of sessions.
    public func optOut() -> Session {
        Session(.detached(.optedOut, now: now(), scope: scope), manager: self, isSecure: false)
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
            case .storeUnavailable
            where options.storeDown == .anonymous && session.withState({ $0.model.revision == 0 }): return
            default: throw error
            }
        }
        finishWithoutSaving(session, headerFields: &headerFields)
        session.withState { $0.isFinished = !$0.isDetached }
    }

    /// Says in the response's header fields what the client has to know, and stores nothing: for a request that failed.
    /// A token that was replaced or a session that was destroyed before the failure is so in the store already.
    public func finishWithoutSaving(_ session: Session, headerFields: inout HTTPFields) {
        let cookie = session.details?.cookie ?? options.cookie
        let field = session.withState { state in
            // A cookie that lives as long as the session is told of each new deadline.
            if state.hasNewDeadline, state.token != nil, keepsCookie(state, cookie), !state.isDetached {
                state.cookie = .issue
            }
            return tokenField(of: state, cookie: cookie, isSecure: session.isSecure)
        }
        if let field {
            headerFields.append(field)
            // RFC 9111 §5.2.2.5: no cache may keep what one client alone may have.
            headerFields[.cacheControl] = "no-store"
        }
        let varies = session.withState { $0.wasUsed || field != nil }
        if varies { Self.addVary(options.transports, to: &headerFields) }
    }

    private func store(_ session: Session) async throws(SessionError) {
        let (needsCommit, renewed, rotation) = session.withState { state in
            (
                !state.pending.isEmpty || state.newLimits != nil || state.isPersistent != nil || state.fault != nil,
                isRenewalDue(state) ? state.model.id : nil,
                dueRotation(of: state)
            )
        }
        if session.withState({ $0.isDetached }) {
            try await session.removeDropped()
            if needsCommit {
                options.logger.warning("changes of a session that takes no part are dropped")
            }
            return
        }
        guard needsCommit || renewed != nil || rotation != nil else { return }
        if !needsCommit, session.withState({ $0.refusesWrites }) { return }
        await session.gate.enter()
        defer { session.gate.leave() }
        if needsCommit {
            try await session.commit(rotation: rotation)
        } else if let rotation {
            try await rotateIfPossible(session, rotation)
        } else if let renewed {
            try await renewIfPossible(session, renewed)
        }
    }

    /// Renews the session. A store that is down by now is no reason to fail a request that only read.
    private func renewIfPossible(_ session: Session, _ id: ModelID) async throws(SessionError) {
        do {
            try await session.renew(id)
            metrics.touched.increment()
        } catch  where error.code == .storeUnavailable {
            return
        }
    }

    /// Whether the deadline would move by the touch window or more.
    private func isRenewalDue(_ state: SessionState) -> Bool {
        if case .stored = state.standing { isRenewalDue(state.model) } else { false }
    }

    func isRenewalDue(_ model: Model) -> Bool {
        guard let lifetime = model.lifetime, let idle = lifetime.expiry.idle, let expires = lifetime.expires,
            let renewed = Lifetime.deadline(lifetime.expiry, created: model.created, now: lifetime.now)
        else { return false }
        // In milliseconds: dividing a Duration is 128-bit arithmetic.
        let milliseconds = idle.wholeMilliseconds
        let window = min(options.touchWindow?.wholeMilliseconds ?? max(60_000, milliseconds / 10), milliseconds / 4)
        return renewed > expires && renewed.milliseconds - expires.milliseconds >= window
    }
}
