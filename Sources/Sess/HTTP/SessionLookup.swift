import HTTPTypes
import Metrics
import Modeler

/// A token that a request brings.
struct TokenCandidate: Sendable {
    /// The text that it was read from.
    var text: ArraySlice<UInt8>
    var token: SessionToken
    var transport: SessionTransport
    /// Whether the client holds two, because it could not be told which one holds.
    var isOfPair = false
    /// Whether it is signed with a key that this server doesn't have.
    var isForeign = false
}

/// The tokens that a request brings, by the transports in their order. Nearly all requests bring one at most, which
/// needs no array.
struct TokenCandidates: Sendable {
    private(set) var first: TokenCandidate?
    private(set) var others: [TokenCandidate] = []

    mutating func append(_ candidate: TokenCandidate) {
        if first == nil { first = candidate } else { others.append(candidate) }
    }

    /// Whether a text was read before.
    func contains(_ text: ArraySlice<UInt8>) -> Bool {
        first?.text == text || others.contains { $0.text == text }
    }
}

/// The result of looking up a request's tokens.
enum SessionLookup: Sendable {
    /// The session of a token.
    case found(SessionRecord, ClientToken.Held, isOfPair: Bool, SessionTransport)
    /// A session is there, and this request has no part in it: its token was replaced just before, or only other
    /// servers can read it.
    case lost(SessionMachine.DetachedReason, SessionTransport)
    case none

    /// The one of two that counts: what was found, then what was lost.
    func or(_ other: SessionLookup) -> SessionLookup {
        switch (self, other) {
        case (.found, _), (.lost, .lost), (_, .none): self
        case (_, .found), (.none, .lost): other
        }
    }

    var isFound: Bool {
        if case .found = self { true } else { false }
    }
}

extension SessionManager {
    /// Looks up the session of a request: in one round trip to the store where its first token is the right one, else
    /// in two at most, however many tokens there are.
    func lookUp(_ fields: HTTPFields, parser: CookieParser) async throws(SessionError) -> SessionLookup {
        let candidates = candidates(in: fields, parser: parser)
        guard let first = candidates.first else { return .none }
        let id = first.token.id
        var lookup = SessionLookup.none
        var model: Model?
        do {
            model = try await store.fetch(id)
        } catch {
            lookup = try unreadable(error, id, first.transport)
        }
        let found = try await find(first, in: model)
        // The older token of a pair that was replaced is nobody's reuse.
        if found.isFound { return found }
        lookup = lookup.or(found)
        for candidate in candidates.others where candidate.token.id == id {
            let found = try await find(candidate, in: model)
            if found.isFound { return found }
            lookup = lookup.or(found)
        }
        let others = candidates.others.filter { $0.token.id != id }
        if others.isEmpty { return lookup }
        let models = try await fetch(others, &lookup)
        for candidate in others {
            let found = try await find(candidate, in: models[candidate.token.id])
            if found.isFound { return found }
            lookup = lookup.or(found)
        }
        return lookup
    }

    /// The tokens in a request, by the transports in their order; each once.
    private func candidates(in fields: HTTPFields, parser: CookieParser) -> TokenCandidates {
        var candidates = TokenCandidates()
        for transport in options.tokens.transports {
            transport.forEachCandidate(in: fields, cookies: parser, lengths: tokens.lengths) { text in
                if candidates.contains(text) { return }
                switch tokens.read(text) {
                case .none: return
                case .forged: metrics.forged.increment()
                case .token(let parsed):
                    var candidate = TokenCandidate(
                        text: text, token: parsed.token, transport: transport, isOfPair: parsed.other != nil,
                        isForeign: parsed.isForeign)
                    candidates.append(candidate)
                    guard let other = parsed.other else { return }
                    candidate.token = other
                    candidates.append(candidate)
                }
            }
        }
        return candidates
    }

    // MARK: Records

    /// Reports a record that can't be read, and takes it for lost where other servers can.
    ///
    /// - Throws: Every other error.
    private func unreadable(
        _ error: SessionError, _ id: ModelID, _ transport: SessionTransport
    ) throws(SessionError) -> SessionLookup {
        guard error.code == .unreadable || error.code == .unreadableHere else { throw error }
        report(.unreadableSession(session: id))
        return error.code == .unreadableHere ? .lost(.unreadable, transport) : .none
    }

    /// The models of several candidates, in one round trip unless one of them can't be read.
    private func fetch(
        _ candidates: [TokenCandidate], _ lookup: inout SessionLookup
    ) async throws(SessionError) -> [ModelID: Model] {
        var transports: [ModelID: SessionTransport] = [:]
        for candidate in candidates where transports[candidate.token.id] == nil {
            transports[candidate.token.id] = candidate.transport
        }
        let ids = Array(transports.keys)
        do {
            let found = try await store.fetch(ids)
            return Dictionary(uniqueKeysWithValues: found.compactMap { model in model.map { ($0.id, $0) } })
        } catch  where error.code == .unreadable || error.code == .unreadableHere {
            var models: [ModelID: Model] = [:]
            for (id, transport) in transports {
                do {
                    models[id] = try await store.fetch(id)
                } catch {
                    lookup = lookup.or(try unreadable(error, id, transport))
                }
            }
            return models
        }
    }

    /// The model of an id; one that can't be read counts as gone, with a report.
    func fetchReadable(_ id: ModelID) async throws(SessionError) -> Model? {
        do {
            return try await store.fetch(id)
        } catch  where error.code == .unreadable || error.code == .unreadableHere {
            report(.unreadableSession(session: id))
            return nil
        }
    }

    // MARK: Tokens

    /// What a candidate is to the record of its id.
    private func find(_ candidate: TokenCandidate, in model: Model?) async throws(SessionError) -> SessionLookup {
        guard let model else { return refused() }
        guard let record = TokenRecord(model.fields) else {
            report(.unreadableSession(session: model.id))
            return FieldSeal.isSealed(model.fields[ReservedField.token]?.value)
                ? .lost(.unreadable, candidate.transport) : refused()
        }
        let digest = candidate.token.digest(in: namespace)
        let isGraced: Bool
        switch record.standing(of: digest, now: model.lifetime?.now ?? model.updated) {
        case .current: isGraced = false
        case .graced: isGraced = true
        case .replaced(let previous):
            metrics.refused.increment()
            return try await noteReuse(of: previous, in: model) ? .none : .lost(.replaced, candidate.transport)
        case .unknown: return refused()
        }
        if candidate.isForeign { return .lost(.unreadable, candidate.transport) }
        let held = ClientToken.Held(token: candidate.token, isGraced: isGraced)
        if options.schema.version == 0, !model.fields.contains(ReservedField.owner) {
            metrics.loaded.increment()
            return .found(
                SessionRecord(model, mayRenew: true), held, isOfPair: candidate.isOfPair, candidate.transport)
        }
        return try await admit(model, held, candidate)
    }

    private func refused() -> SessionLookup {
        metrics.refused.increment()
        return .none
    }

    /// Brings a session up to the app's version, and checks it against its user's epoch.
    private func admit(
        _ model: Model, _ held: ClientToken.Held, _ candidate: TokenCandidate
    ) async throws(SessionError) -> SessionLookup {
        var model = model
        var isReadOnly = false
        if options.schema.version > 0 {
            switch try await migrate(model) {
            case .done(let migrated): model = migrated
            case .unstored(let migrated):
                model = migrated
                isReadOnly = true
            case .unreadable: return .lost(.unreadable, candidate.transport)
            // Whoever wrote it may have replaced the token as well.
            case .overtaken(let current): return try await find(candidate, in: current)
            case .none: return refused()
            }
        }
        let check = try await users.check(model)
        if check == .revoked { return refused() }
        metrics.loaded.increment()
        return .found(
            SessionRecord(model, mayRenew: check == .passed, isReadOnly: isReadOnly), held,
            isOfPair: candidate.isOfPair, candidate.transport)
    }
}
