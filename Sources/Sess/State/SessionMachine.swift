import Modeler

/// The state of one request's session, and every decision about it: what to ask of the store next, and what an answer
/// means. A pure value that asks nobody: ``Saver`` asks the store, ``SessionManager`` makes responses.
struct SessionMachine: Sendable {
    /// What the session is to the store.
    enum Phase: Sendable {
        /// Nothing is stored; a first save inserts it.
        case fresh(ModelID, began: Timestamp)
        /// A record is stored.
        case stored(SessionRecord)
        /// It ended while the request ran, by another's doing. Nothing more is saved in this request.
        indirect case ended(Model)
        /// It takes no part in sessions: nothing is ever saved.
        indirect case detached(Model, DetachedReason)
    }

    /// Why a session is detached.
    enum DetachedReason: Sendable {
        /// The cookie is for TLS only, and the request came without.
        case insecureRequest
        /// The path is outside of the cookie's, or the app has opted out.
        case optedOut
        /// The store was down when the request began, and the policy is to go on.
        case storeDown
        /// Another token has replaced the client's: by a sign-in, say.
        case replaced
        /// It was read again, and had ended.
        case ended
        /// Its record is of a newer layout or schema, or under a key that this server doesn't have.
        case unreadable
        /// The route has no middleware of sessions.
        case missingMiddleware
        /// The app has dropped it. Comes with the record, if there is one.
        indirect case dropped(SessionRecord?)
    }

    var phase: Phase
    var client: ClientToken
    var changes = Changes()
    var attempt = SaveAttempt.none
    var exchange: Exchange

    /// The namespace of the client's tokens.
    let namespace: TokenNamespace

    /// A session for a request that brought none.
    static func fresh(
        now: Timestamp, id: ModelID = SessionToken.randomID(), namespace: TokenNamespace,
        exchange: Exchange = Exchange()
    ) -> SessionMachine {
        SessionMachine(
            phase: .fresh(id, began: now), client: .unissued, exchange: exchange, namespace: namespace)
    }

    /// A session that is never saved.
    static func detached(
        _ reason: DetachedReason, now: Timestamp, namespace: TokenNamespace, exchange: Exchange = Exchange()
    ) -> SessionMachine {
        SessionMachine(
            phase: .detached(.unstored(SessionToken.randomID(), now: now), reason), client: .unissued,
            exchange: exchange, namespace: namespace)
    }

    /// A session that was read from the store.
    static func stored(
        _ record: SessionRecord, client: ClientToken, namespace: TokenNamespace, exchange: Exchange = Exchange()
    ) -> SessionMachine {
        SessionMachine(phase: .stored(record), client: client, exchange: exchange, namespace: namespace)
    }

    // MARK: What it is

    /// The model: its fields are those of the record, and none where there is no record.
    var model: Model {
        switch phase {
        case .fresh(let id, let began): .unstored(id, now: began)
        case .ended(let model), .detached(let model, _): model
        case .stored(let record): record.model
        }
    }

    /// Names the session.
    var id: ModelID {
        switch phase {
        case .fresh(let id, _): id
        case .ended(let model), .detached(let model, _): model.id
        case .stored(let record): record.model.id
        }
    }

    /// The model's fields.
    var fields: Fields {
        switch phase {
        case .fresh: []
        case .ended(let model), .detached(let model, _): model.fields
        case .stored(let record): record.model.fields
        }
    }

    /// The stored record.
    var record: SessionRecord? {
        if case .stored(let record) = phase { record } else { nil }
    }

    var isDetached: Bool {
        if case .detached = phase { true } else { false }
    }

    /// Whether the request holds the lease of the exclusive section.
    var isInLease: Bool {
        if case .stored(let record) = phase { record.lease != nil } else { false }
    }

    /// Whether the client's token was found to be replaced.
    var isReplaced: Bool {
        if case .detached(_, .replaced) = phase { true } else { false }
    }

    /// The store's clock, as far as this server can tell; `nil` before the store has answered.
    var storeTime: Timestamp? { record?.storeTime }

    /// Runs a function on the record in its place, if there is one.
    mutating func withRecord<Result>(_ body: (inout SessionRecord) -> Result) -> Result? {
        guard case .stored(var record) = phase else { return nil }
        // So that the record isn't copied while it changes.
        phase = .fresh(record.model.id, began: record.model.created)
        defer { phase = .stored(record) }
        return body(&record)
    }
}

extension Model {
    /// A session that isn't stored.
    static func unstored(_ id: ModelID, now: Timestamp) -> Model {
        Model(id: id, revision: 0, created: now, updated: now, fields: [])
    }

    /// What is left of a session that is gone: its name and times.
    var outline: Model {
        Model(id: id, revision: revision, created: created, updated: updated, fields: [], lifetime: lifetime)
    }
}
