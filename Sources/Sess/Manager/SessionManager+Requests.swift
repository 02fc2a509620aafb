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

    /// What may be a token in a request, by the transports in their order.
    private func candidates(in fields: HTTPFields, parser: CookieParser) -> [Candidate] {
        var candidates: [Candidate] = []
        for transport in options.transports {
            for text in transport.candidates(in: fields, cookies: parser) {
                guard let (token, other) = tokens(text) else { continue }
                candidates.append(Candidate(token: token, transport: transport, isOfPair: other != nil))
                if let other { candidates.append(Candidate(token: other, transport: transport, isOfPair: true)) }
            }
        }
        return candidates
    }

    /// A token that a request brings.
    private struct Candidate {
        var token: SessionToken
        var transport: SessionTransport
        /// Whether the client holds two, because it could not be told which one holds.
        var isOfPair: Bool
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

    /// The header field that gives the client its token or takes it away; `nil` where there is nothing to say.
    private func tokenField(of state: SessionState, cookie: SessionCookie, isSecure: Bool) -> HTTPField? {
        switch (state.standing, state.cookie) {
        case (.stored, let action)
        where action == .issue || cookie.alwaysSet || options.rolling
            || state.doubtfulTokenForClient != nil,
            (.detached, let action) where action == .issue:
            guard !state.isTokenSuperseded, let text = text(of: state) else { return nil }
            switch state.transport {
            case .bearer: return nil
            case .header(let name): return HTTPField(name: name, value: text)
            case .cookie:
                let remaining = keepsCookie(state, cookie) ? state.model.lifetime?.remaining : nil
                let value = cookie.header(token: text, isSecure: isSecure, remaining: remaining)
                return HTTPField(name: .setCookie, value: value)
            }
        case (.fresh, .expire), (.ended, .expire), (.detached, .expire):
            switch state.transport {
            case .bearer: return nil
            case .header(let name): return HTTPField(name: name, value: "")
            case .cookie: return HTTPField(name: .setCookie, value: cookie.expiringHeader(isSecure: isSecure))
            }
        default:
            return nil
        }
    }

    /// Whether the client's cookie lives as long as the session.
    private func keepsCookie(_ state: SessionState, _ cookie: SessionCookie) -> Bool {
        cookie.persistence == .sessionLifetime || state.model.fields[SessionMark.persistent] != nil
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

    /// What came of looking a token's session up.
    private enum Lookup: Sendable {
        case found(Found)
        /// Another token has taken the token's place, so short a time ago that the request was under way then.
        case replaced
        case none
    }

    /// A session that was looked up.
    private struct Found: Sendable {
        var model: Model
        /// Whether another token has taken the request's place, and it is within its grace.
        var isSuperseded: Bool
        var refusesWrites = false
    }

    /// The session of a token.
    private func find(
        _ token: SessionToken, digest: [UInt8], attempt: Int = 0
    ) async throws(SessionError) -> Lookup {
        let id = token.id
        if attempt > 0 { try await Session.pause(beforeAttempt: attempt, of: id) }
        guard let model = try await fetchReadable(id) else { return .none }
        guard let field = model.fields[TokenRecord.fieldName], let record = TokenRecord(field.value) else {
            report(.unreadableSession(session: id))
            return .none
        }
        let isSuperseded: Bool
        switch record.standing(of: digest, now: model.lifetime?.now ?? model.updated) {
        case .current: isSuperseded = false
        case .graced: isSuperseded = true
        case .replaced(let previous):
            return try await noteReuse(of: previous, in: model) ? .none : .replaced
        case .unknown: return .none
        }
        if options.schema.version == 0 { return .found(Found(model: model, isSuperseded: isSuperseded)) }
        switch try await migrate(model) {
        case .done(let model): return .found(Found(model: model, isSuperseded: isSuperseded))
        case .unstored(let model):
            return .found(Found(model: model, isSuperseded: isSuperseded, refusesWrites: true))
        // Whoever wrote it may have replaced the token as well.
        case .overtaken: return try await find(token, digest: digest, attempt: attempt + 1)
        case .none: return .none
        }
    }

    private static func addVary(_ transports: [SessionTransport], to headerFields: inout HTTPFields) {
        for transport in transports {
            switch transport {
            case .cookie: addVary("Cookie", to: &headerFields)
            case .bearer: addVary("Authorization", to: &headerFields)
            case .header(let name): addVary(name.rawName, to: &headerFields)
            }
        }
    }

    private static func addVary(_ name: String, to headerFields: inout HTTPFields) {
        for field in headerFields[values: .vary] {
            for listed in field.split(separator: ",") {
                let listed = listed.filter { $0 != " " && $0 != "\t" }
                if listed == "*" || listed.lowercased() == name.lowercased() { return }
            }
        }
        headerFields.append(HTTPField(name: .vary, value: name))
    }
}

extension SessionManager {
    /// Another session, by its id, for programs that look after sessions: no token is asked for, so the caller
    /// decides who may do this. Changes are stored by ``Session/save()``.
    ///
    /// - Returns: The session, or `nil` when there is none, or none that can be read.
    /// - Throws: ``SessionError/Code/storeUnavailable``.
    public func session(id: ModelID) async throws(SessionError) -> Session? {
        var attempt = 0
        while true {
            if attempt > 0 { try await Session.pause(beforeAttempt: attempt, of: id) }
            attempt += 1
            guard var model = try await fetchReadable(id) else { return nil }
            var refusesWrites = false
            if options.schema.version > 0 {
                switch try await migrate(model) {
                case .done(let migrated): model = migrated
                case .unstored(let migrated):
                    model = migrated
                    refusesWrites = true
                case .overtaken: continue
                case .none: return nil
                }
            }
            var state = SessionState.stored(model, token: nil, scope: scope)
            state.refusesWrites = refusesWrites
            return Session(state, manager: self, isSecure: false)
        }
    }

    /// The model of an id; one that can't be read counts as gone, with a report.
    func fetchReadable(_ id: ModelID) async throws(SessionError) -> Model? {
        do {
            return try await fetch(id)
        } catch  where error.code == .unreadable {
            report(.unreadableSession(session: id))
            return nil
        }
    }
}
