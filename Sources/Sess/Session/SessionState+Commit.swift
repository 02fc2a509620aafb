import Modeler

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
}
