import Modeler

/// What a save has to ask of the store.
enum CommitPlan: Sendable {
    /// Nothing is to be written.
    case nothing
    /// The session is stored for the first time.
    case insert(NewModel, Expiry)
    /// The stored session is changed.
    case change(Change)
}

/// One save as it was planned, so that its outcome can be applied to a state that may have moved on.
struct PlannedCommit: Sendable {
    var plan: CommitPlan
    var pending: PendingChanges
    /// The token's record that the plan stores, with its token.
    var rotation: TokenRotation?
    /// The operations that were asked for.
    var operations: [(name: String, operation: FieldOperation)] = []
    /// The fields of operations whose value is known before the store is asked: those taken, and those that begin anew
    /// because their own deadline has passed.
    var values: [Field] = []
    /// Whether this is another try of a save whose outcome is unknown.
    var isRepeated = false

    /// Whether these operations were asked for, and no others.
    func isOf(_ operations: [(name: String, operation: FieldOperation)]) -> Bool {
        self.operations.elementsEqual(operations) { $0.name.hasSameBytes(as: $1.name) && $0.operation == $1.operation }
    }
}

/// A save whose outcome is unknown: the store was asked, and its answer was lost.
///
/// Repeated as it was, the store knows it by its operation id and applies it once. Planned anew it would meet itself, as
/// another request's write.
final class UnresolvedCommit: Sendable {
    let planned: PlannedCommit

    init(_ planned: PlannedCommit) { self.planned = planned }
}

/// What a conflict leads to.
enum ConflictResolution: Sendable {
    /// Another try, on top of what is stored now. Names the fields that both requests had changed, with their policies.
    case retry([(field: String, policy: String)])
    /// Fields whose policy is to fail.
    case fail([String])
    /// The request's token was replaced meanwhile.
    case tokenReplaced
    /// Somebody else is in the exclusive section that the request was in.
    case sectionLost
}

extension SessionState {
    /// Begins a save of what is pending, of a new token, and of operations that the store applies.
    ///
    /// - Throws: ``SessionError``, before anything is asked of the store.
    mutating func beginSave(
        rotation: TokenRotation?,
        operations: [(name: String, operation: FieldOperation)],
        limits: SessionLimits,
        options: SessionOptions
    ) throws(SessionError) -> PlannedCommit {
        if let fault {
            self.fault = nil
            throw fault
        }
        if refusesWrites { throw Session.refusedWrite }
        if case .ended = standing { throw SessionError(.gone, "\(model.id) ended while this request ran") }
        if let unresolved {
            if let repeated = repetition(of: unresolved.planned, for: operations) {
                isSaving = true
                return repeated
            }
            self.unresolved = nil
        }
        let planned = plan(rotation: rotation, operations: operations, limits: limits, schema: options.schema)
        if case .nothing = planned.plan { return planned }
        try checkSize(
            with: operations, maximumBytes: options.maximumBytes, maximumFields: options.maximumFields)
        isSaving = true
        return planned
    }

    /// What has to be written again before anything else is, because it may have been applied.
    ///
    /// An operation alone is forgotten where it isn't asked for again: its caller has got the error. A sign-in is too,
    /// because whoever was told that it failed must not be signed in by another write.
    private func repetition(
        of planned: PlannedCommit,
        for operations: [(name: String, operation: FieldOperation)]
    ) -> PlannedCommit? {
        let isOperation = !planned.operations.isEmpty && planned.pending.isEmpty
        let isForgotten =
            Self.isSignIn(planned.operations)
            ? !Self.isSignIn(operations) : isOperation && !planned.isOf(operations)
        if isForgotten { return nil }
        var repeated = planned
        repeated.isRepeated = true
        return repeated
    }

    /// Takes note of a save that has failed, maybe after it was applied.
    mutating func noteFailure(_ error: SessionError, of planned: PlannedCommit) {
        isSaving = false
        guard error.leavesOutcomeUnknown else { return }
        unresolved = UnresolvedCommit(planned)
        // A sign-in that has failed signs nobody in.
        if let rotation = planned.rotation, !Self.isSignIn(planned.operations) { doubtfulToken = rotation.token }
    }

    private mutating func plan(
        rotation: TokenRotation?,
        operations: [(name: String, operation: FieldOperation)],
        limits: SessionLimits,
        schema: SessionSchema
    ) -> PlannedCommit {
        switch standing {
        case .fresh:
            let isSignIn = Self.isSignIn(operations)
            return planInsert(
                operations: operations, limits: newLimits ?? (isSignIn ? limits.signedIn : limits.anonymous),
                schema: schema)
        case .stored:
            return planChange(rotation: rotation, operations: operations, limits: limits, schema: schema)
        case .ended, .detached:
            return PlannedCommit(plan: .nothing, pending: pending)
        }
    }

    /// Of operations only those that set a field have a place in a new record.
    private mutating func planInsert(
        operations: [(name: String, operation: FieldOperation)],
        limits: Expiry,
        schema: SessionSchema
    ) -> PlannedCommit {
        // Fields that live for a time are stored by a second write, when the store's clock is known.
        let entries = pending.entries.filter { $0.value != nil }
        var fields = entries.compactMap { entry in
            entry.lifetime == nil ? entry.value.map { (name: entry.name, value: $0) } : nil
        }
        for case (let name, .set(let value)) in operations { fields.append((name, value)) }
        guard !entries.isEmpty || !fields.isEmpty else {
            return PlannedCommit(plan: .nothing, pending: pending)
        }
        let token = token ?? SessionToken(id: model.id)
        self.token = token
        var stored = pending
        stored.replaceAll(pending.entries.filter { $0.lifetime == nil })
        let record = TokenRecord(digest: token.digest(in: scope))
        var own = [(name: TokenRecord.fieldName, value: record.encoded)]
        if isPersistent == true { own.append((SessionMark.persistent, Self.yes)) }
        if schema.version > 0 { own.append((SessionSchema.fieldName, schema.encoded)) }
        let model = NewModel(id: token.id, fields: own + fields)
        return PlannedCommit(plan: .insert(model, limits), pending: stored, operations: operations)
    }

    private func planChange(
        rotation: TokenRotation?,
        operations: [(name: String, operation: FieldOperation)],
        limits: SessionLimits,
        schema: SessionSchema
    ) -> PlannedCommit {
        // A client whose token was just replaced is being told of a newer one. Another replacement now would kill that
        // one, which the client may hold in the end.
        let rotation = rotation.flatMap { $0.hasGrace && isTokenSuperseded ? nil : $0 }
        guard !pending.isEmpty || !operations.isEmpty || rotation != nil || newLimits != nil || isPersistent != nil
        else {
            return PlannedCommit(plan: .nothing, pending: pending)
        }
        // A field that is set while an operation on it is under way is the next save's.
        let pending = pending.without(operations)
        var writes = beginWrites(schema: schema)
        for entry in pending.entries {
            write(entry, to: &writes)
            if !entry.isUnconditional { writes.expect(entry.name, of: model.fields) }
        }
        for (name, operation) in operations { apply(operation, to: name, &writes) }
        sweep(&writes)
        if let isPersistent, isPersistent != (model.fields[SessionMark.persistent] != nil) {
            writes.append(SessionMark.persistent, isPersistent ? .set(Self.yes) : .remove)
        }
        if let rotation {
            writes.append(TokenRecord.fieldName, .set(record(of: rotation).encoded))
        }
        // Where what is to be taken isn't there.
        if writes.operations.isEmpty, newLimits == nil, isPersistent == nil {
            return PlannedCommit(plan: .nothing, pending: pending)
        }
        let change = change(writes, renewal: renewal(with: operations, limits: limits))
        return PlannedCommit(
            plan: .change(change), pending: pending, rotation: rotation, operations: operations, values: writes.values)
    }

    private static let yes = EncodedJSON(unchecked: ArraySlice("true".utf8))

    /// What a write does to the deadline. Whoever signs in leaves the limits of anonymous sessions behind.
    private func renewal(
        with operations: [(name: String, operation: FieldOperation)],
        limits: SessionLimits
    ) -> Change.Renewal {
        if let newLimits { return .replace(newLimits) }
        if Self.isSignIn(operations), limits.anonymous != limits.signedIn,
            model.lifetime?.expiry == limits.anonymous
        {
            return .replace(limits.signedIn)
        }
        return mayRenew ? .touch : .keep
    }

    static func isSignIn(_ operations: [(name: String, operation: FieldOperation)]) -> Bool {
        operations.contains { $0.name == OwnerRecord.fieldName }
    }

    /// Takes over an insertion that was applied.
    mutating func applyInsertion(_ planned: PlannedCommit, fields: NewModel, commit: Commit) {
        standing = .stored
        model = Model(
            id: fields.id,
            revision: commit.revision,
            created: commit.created,
            updated: commit.updated,
            fields: Fields(fields.fields.map { Field(name: $0.name, value: $0.value, revision: commit.revision) }),
            lifetime: commit.lifetime
        )
        tokenRevision = commit.revision
        isSaving = false
        unresolved = nil
        newLimits = nil
        isPersistent = nil
        cookie = .issue
        noteRecord()
        rebasePending(after: planned)
    }

    /// Takes over a change that was applied.
    mutating func applyChange(_ planned: PlannedCommit, change: Change, commit: Commit) {
        if commit.revision != model.revision + (change.operations.isEmpty ? 0 : 1) { hasGaps = true }
        isSaving = false
        unresolved = nil
        model.revision = commit.revision
        model.created = commit.created
        model.updated = commit.updated
        if change.renewal != .keep { hasNewDeadline = true }
        model.lifetime = commit.lifetime
        for (name, operation) in change.operations {
            switch operation {
            case .set(let value): model.fields[name] = Field(name: name, value: value, revision: commit.revision)
            case .remove: model.fields[name] = nil
            case .increment, .append, .setIfAbsent: break
            }
        }
        for field in commit.values {
            model.fields[field.name] = field
        }
        if let rotation = planned.rotation {
            token = rotation.token
            doubtfulToken = nil
            tokenRevision = commit.revision
            isTokenSuperseded = false
            cookie = .issue
        }
        if case .replace = change.renewal {
            // What is remembered or forgotten comes with its limits, and changes what the cookie says.
            if isPersistent != nil, token != nil { cookie = .issue }
            newLimits = nil
            isPersistent = nil
        }
        noteRecord()
        rebasePending(after: planned)
    }

    private mutating func rebasePending(after planned: PlannedCommit) {
        pending.removeStored(planned.pending)
    }

    /// The revision that wrote the schema's version, 0 where there is none.
    var schemaRevision: Change.FieldRevision {
        Change.FieldRevision(
            name: SessionSchema.fieldName, revision: model.fields.revision(of: SessionSchema.fieldName))
    }

    /// Puts what is pending on top of the record as it is now, each field by its policy.
    mutating func resolve(
        _ current: Model,
        policies: SessionPolicies
    ) throws(SessionError) -> ConflictResolution {
        isSaving = false
        unresolved = nil
        let currentTokenRevision = current.fields.revision(of: TokenRecord.fieldName)
        if currentTokenRevision != tokenRevision {
            settleDoubt(by: current)
            switch standing(ofTokenIn: current) {
            case .current: isTokenSuperseded = false
            case .graced: isTokenSuperseded = true
            case .replaced, .unknown: return .tokenReplaced
            }
        }
        // Another version of the app is at work: what this one has to write is of another shape.
        guard current.fields.revision(of: SessionSchema.fieldName) == schemaRevision.revision else {
            throw SessionError(.conflict, "\(model.id) was migrated to another schema while this request ran")
        }
        guard keepsSection(in: current) else { return .sectionLost }
        var kept: [PendingChanges.Entry] = []
        var raced: [(field: String, policy: String)] = []
        var failed: [String] = []
        for var entry in pending.entries {
            // What is over counts as absent: that another request has swept it away is no conflict.
            let (base, theirs) = (liveField(entry.name, in: model), liveField(entry.name, in: current))
            guard base?.revision != theirs?.revision else {
                kept.append(entry)
                continue
            }
            let policy = policies.policy(of: entry)
            if !entry.isUnconditional { raced.append((entry.name, policy.name)) }
            switch policy {
            case .automatic, .lastWriter:
                entry.isUnconditional = true
                kept.append(entry)
            case .keepFirst:
                break
            case .fail:
                failed.append(entry.name)
            case .merge(let merge):
                do {
                    entry.value = try merge(base?.value, entry.value, theirs?.value)
                } catch {
                    throw SessionError(.conflict, "the merge of the field '\(entry.name)' failed", underlying: error)
                }
                if entry.value != theirs?.value { kept.append(entry) }
            }
        }
        guard failed.isEmpty else { return .fail(failed) }
        model = current
        hasGaps = false
        tokenRevision = currentTokenRevision
        noteRecord()
        pending.replaceAll(kept)
        return .retry(raced)
    }
}
