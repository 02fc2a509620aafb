import Modeler

/// Where a session of one request stands. A pure value: what happens to it is decided here, stores and responses are
/// asked elsewhere.
struct SessionState: Sendable {
    /// What a session is to the store.
    enum Standing: Sendable {
        /// Nothing is stored; a first save will insert it.
        case fresh
        /// A record is stored.
        case stored
        /// It ended while the request ran. Nothing more is saved in this request.
        case ended
        /// It takes no part in sessions: nothing is ever saved and no cookie is sent.
        case detached(DetachedReason)
    }

    /// Why a session can't be saved.
    enum DetachedReason: Sendable {
        /// The cookie is for TLS only, and the request came without.
        case insecureRequest
        /// The path is outside of the cookie's, or the app has opted out.
        case optedOut
        /// The store was down when the request began, and the policy is to go on.
        case storeDown
        /// Another token had taken the place of the client's just before the request came, by a sign-in say.
        case replaced
        /// The app has dropped it. Comes with the record, if there is one.
        indirect case dropped(Model?)
    }

    /// What the response says about the cookie.
    enum CookieAction: Sendable {
        case leave
        case issue
        case expire
    }

    var standing: Standing
    /// The token the client holds, or will; `nil` for a session reached by its id, and for a new one until it is to be
    /// stored.
    var token: SessionToken?
    /// Whether the client sent a valid token with this request.
    var wasPresented = false
    var cookie: CookieAction = .leave
    /// Whether the client's token was replaced and is within its grace: another response has brought a newer one, which
    /// this request's must not take away again.
    var isTokenSuperseded = false

    /// A token that may have taken the place of the client's: the answer to the write that was to do so is lost.
    var doubtfulToken: SessionToken?

    /// What the client's tokens are good for.
    let scope: TokenScope

    /// The record as it was last read or written.
    var model: Model
    var tokenRevision: Revision = 0
    /// Whether others have written since the fields were read: those that this request hasn't written may be older than
    /// the revision.
    var hasGaps = false
    /// When the record was last read or written, on this server's monotonic clock.
    private var readAt = ContinuousClock.now
    /// Whether any stored field has a deadline of its own.
    private var hasDeadlines = false

    var pending = PendingChanges()
    /// Whether a write is under way: until its outcome is known, a field that gets back what is stored is a change.
    var isSaving = false
    /// A write whose outcome is unknown: it is repeated before anything else is written.
    var unresolved: UnresolvedCommit?
    var fault: SessionError?
    /// Whether the store takes no writes, and what was read is ahead of what is stored: nothing can be saved.
    var refusesWrites = false
    /// The exclusive section that the request is in.
    var section: HeldSection?
    /// Whether the deadline may be moved: that of a signed-in session stays until the session was checked against its
    /// user's epoch, so that a revoked one can't live on by use.
    var mayRenew = true
    /// Limits that the app has set for this session, to be stored with the next write.
    var newLimits: Expiry?
    /// Whether a write of this request has moved the deadline.
    var hasNewDeadline = false
    /// Whether the response has left: what is changed from now on is stored only if the app saves it itself.
    var isFinished = false
    /// Whether the app has asked for anything of the session: the response then varies by cookie.
    var wasUsed = false
    /// Whether the client's cookie outlives the browser's session; `nil` as long as that is as the record says.
    var isPersistent: Bool?
    /// How the client has sent its token, or is to get it.
    var transport = SessionTransport.cookie

    /// A session for a request that brought none.
    static func fresh(
        now: Timestamp, id: ModelID = SessionToken.randomID(), scope: TokenScope
    ) -> SessionState {
        SessionState(
            standing: .fresh,
            token: nil,
            scope: scope,
            model: Model(id: id, revision: 0, created: now, updated: now, fields: [])
        )
    }

    /// A session that is never saved.
    static func detached(_ reason: DetachedReason, now: Timestamp, scope: TokenScope) -> SessionState {
        var state = fresh(now: now, scope: scope)
        state.standing = .detached(reason)
        return state
    }

    /// A session that was read from the store.
    static func stored(
        _ model: Model, token: SessionToken?, scope: TokenScope, isTokenSuperseded: Bool = false
    ) -> SessionState {
        var state = SessionState(
            standing: .stored,
            token: token,
            scope: scope,
            wasPresented: token != nil,
            model: model,
            tokenRevision: model.fields.revision(of: TokenRecord.fieldName)
        )
        state.mayRenew = model.fields[OwnerRecord.fieldName] == nil
        state.isTokenSuperseded = isTokenSuperseded
        state.noteRecord()
        return state
    }

    private init(
        standing: Standing,
        token: SessionToken?,
        scope: TokenScope,
        wasPresented: Bool = false,
        model: Model,
        tokenRevision: Revision = 0,
        mayRenew: Bool = true
    ) {
        self.standing = standing
        self.token = token
        self.scope = scope
        self.wasPresented = wasPresented
        self.model = model
        self.tokenRevision = tokenRevision
        self.mayRenew = mayRenew
    }

    /// The record has just been read or written.
    mutating func noteRecord() {
        hasDeadlines = FieldDeadline.areIn(model.fields)
        readAt = .now
    }

    /// The store's clock, as far as this server can tell: that of the last answer and the time since.
    var storeTime: Timestamp {
        (model.lifetime?.now ?? model.updated) + (ContinuousClock.now - readAt)
    }

    /// A stored field, unless its own deadline has passed.
    func storedField(_ name: String) -> Field? {
        guard let field = model.fields[name], !Field.isSaveOnly(name) else { return nil }
        return isOver(field) ? nil : field
    }

    func isOver(_ field: Field) -> Bool {
        guard hasDeadlines, let deadline = FieldDeadline.of(field, in: model.fields) else { return false }
        return deadline <= storeTime
    }

    /// The stored fields, without those whose own deadline has passed.
    var liveFields: Fields {
        hasDeadlines ? Fields(model.fields.filter { Field.isSaveOnly($0.name) || !isOver($0) }) : model.fields
    }

    /// The fields whose own deadline has passed, with those that hold the deadlines.
    var fieldsThatAreOver: [Field] {
        guard hasDeadlines else { return [] }
        return model.fields.filter { !Field.isSaveOnly($0.name) && isOver($0) }
            .flatMap { [$0, model.fields[FieldDeadline.fieldName($0.name)]].compactMap(\.self) }
    }

    var isDetached: Bool {
        if case .detached = standing { true } else { false }
    }

    /// The value of a field as the request sees it.
    func value(of name: String) -> EncodedJSON? {
        if let entry = pending[name] { return entry.value }
        return storedField(name)?.value
    }

    /// The fields as the request sees them.
    var visibleFields: [(name: String, value: EncodedJSON)] {
        var fields: [(name: String, value: EncodedJSON)] = []
        for field in model.fields where !Field.isSaveOnly(field.name) {
            if let entry = pending[field.name] {
                if let value = entry.value { fields.append((field.name, value)) }
            } else if !isOver(field) {
                fields.append((field.name, field.value))
            }
        }
        for entry in pending.entries where model.fields[entry.name] == nil {
            if let value = entry.value { fields.append((entry.name, value)) }
        }
        return fields
    }

    mutating func set(
        _ value: EncodedJSON?,
        of name: String,
        policy: ConflictPolicy?,
        isTaking: Bool = false,
        maximumFields: Int
    ) {
        if Field.isSaveOnly(name) {
            fault = SessionError(.invalidField, "names that begin with '__' are reserved: '\(name)'")
            return
        }
        guard value == nil || hasRoom(for: name, maximum: maximumFields) else {
            fault = SessionError(tooManyFieldsIn: model.id, maximum: maximumFields)
            return
        }
        // A field that lives for a time is written again even if its value stays: from now on it lives longer.
        let stored = model.fields[name]
        let hasDeadline = hasDeadlines && stored.map { FieldDeadline.of($0, in: model.fields) != nil } ?? false
        let isUnchanged = !hasDeadline && !isSaving && unresolved == nil && value == stored?.value
        pending.set(value, of: name, policy: policy, isTaking: isTaking, isUnchanged: isUnchanged)
    }

    /// The value of a field as the request sees it, removed from there on.
    mutating func pop(_ name: String, policy: ConflictPolicy?) -> EncodedJSON? {
        let value = value(of: name)
        guard value != nil || Field.isSaveOnly(name) else { return nil }
        set(nil, of: name, policy: policy, isTaking: true, maximumFields: .max)
        return value
    }

    /// Begins anew, as for a request that brought no session.
    ///
    /// - Parameter expiresCookie: Whether the client should forget the token it has.
    mutating func reset(now: Timestamp, id: ModelID, expiresCookie: Bool) {
        let before = self
        self = .fresh(now: now, id: id, scope: before.scope)
        transport = before.transport
        wasPresented = before.wasPresented
        wasUsed = before.wasUsed
        if expiresCookie, before.wasPresented || before.cookie != .leave { cookie = .expire }
    }

    /// Ends: what was pending is dropped, and nothing more is saved.
    mutating func end(expiresCookie: Bool) {
        standing = .ended
        pending = PendingChanges()
        isSaving = false
        unresolved = nil
        newLimits = nil
        model.fields = []
        cookie = expiresCookie && wasPresented ? .expire : .leave
    }
}
