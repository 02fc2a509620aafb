import HTTPTypes
public import Modeler

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

    /// What may be a token in a request, by the transports in their order.
    func candidates(in fields: HTTPFields, parser: CookieParser) -> [Candidate] {
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
    struct Candidate {
        var token: SessionToken
        var transport: SessionTransport
        /// Whether the client holds two, because it could not be told which one holds.
        var isOfPair: Bool
    }

    /// What came of looking a token's session up.
    enum Lookup: Sendable {
        case found(Found)
        /// Another token has taken the token's place, so short a time ago that the request was under way then.
        case replaced
        case none
    }

    /// A session that was looked up.
    struct Found: Sendable {
        var model: Model
        /// Whether another token has taken the request's place, and it is within its grace.
        var isSuperseded: Bool
        var refusesWrites = false
    }

    /// The session of a token.
    func find(
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
}
