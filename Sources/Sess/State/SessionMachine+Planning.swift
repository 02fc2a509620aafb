import Modeler

/// What the machine asks of the store next.
extension SessionMachine {
    /// The next request of a call; `nil` where nothing is left to ask.
    ///
    /// - Throws: ``SessionError``, before anything is asked.
    mutating func next(_ call: inout SaveCall, _ rules: SessionRules) throws(SessionError) -> StoreRequest? {
        if call.refreshesIndex {
            call.refreshesIndex = false
            if case .stored(let record) = phase, record.owner != nil { return .refreshIndex(record.model) }
        }
        if call.isDone { return nil }
        switch call.goal {
        case .save: return try nextOfSave(&call, rules)
        case .renew: return try nextOfRenewal(mayKeep: false)
        case .confirm: return try nextOfRenewal(mayKeep: true)
        case .remove:
            guard case .stored(let record) = phase else { return nil }
            return .remove(record.model.id, expecting: expectation(of: record))
        case .reload, .refresh:
            guard case .stored(let record) = phase else { return nil }
            return .read(record.model.id)
        case .update(let draft): return try nextOfUpdate(draft, rules, &call)
        case .enter(let holder, let lease): return try nextOfEntry(holder, lease, &call)
        }
    }

    // MARK: Saves

    private mutating func nextOfSave(
        _ call: inout SaveCall, _ rules: SessionRules
    ) throws(SessionError) -> StoreRequest? {
        if let fault = changes.fault {
            changes.fault = nil
            throw fault
        }
        try requireWritable()
        if let unresolved = attempt.unresolved {
            if let request = repetition(of: unresolved, in: &call) { return request }
            attempt.settle()
        }
        guard let planned = try plan(call, rules) else { return nil }
        if let check = ownerCheck(before: planned) { return check }
        try checkSize(with: call.operations, rules.size)
        return begin(planned, in: &call)
    }

    /// Asks again what may have been applied, before anything else is written.
    ///
    /// An operation alone is forgotten where it isn't asked for again: its caller has got the error. A sign-in is too,
    /// because whoever was told that it failed must not be signed in by another write.
    private mutating func repetition(of planned: PlannedSave, in call: inout SaveCall) -> StoreRequest? {
        let isOperation = !planned.operations.isEmpty && planned.pending.isEmpty
        let isForgotten =
            planned.isSignIn
            ? !OwnerRecord.isWritten(by: call.operations) : isOperation && !planned.isOf(call.operations)
        if isForgotten { return nil }
        attempt.begin(repeating: planned)
        switch planned.write {
        // Inserted again, a session that has ended since would be back.
        case .insert(let model, _, _):
            call.planned = planned
            return .read(model.id)
        case .change(var change):
            change.isRepeated = true
            call.planned = planned.repeated(as: change)
            return .commit(change, to: id)
        }
    }

    private mutating func begin(_ planned: PlannedSave, in call: inout SaveCall) -> StoreRequest {
        call.planned = planned
        attempt.begin()
        switch planned.write {
        case .insert(let model, let expiry, _): return .insert(model, expiry)
        case .change(let change): return .commit(change, to: id)
        }
    }

    /// Limits of the app's choosing move the deadline as a renewal does: not before the session was checked.
    private func ownerCheck(before planned: PlannedSave) -> StoreRequest? {
        guard case .stored(let record) = phase, !record.mayRenew, case .change(let change) = planned.write,
            case .replace = change.renewal, !planned.isSignIn
        else { return nil }
        return .confirmOwner(record.model)
    }

    func requireWritable() throws(SessionError) {
        switch phase {
        case .stored(let record) where record.isReadOnly: throw .refusedWrite
        case .ended(let model): throw SessionError(ended: model.id)
        case .fresh, .stored, .detached: return
        }
    }

    private func plan(_ call: SaveCall, _ rules: SessionRules) throws(SessionError) -> PlannedSave? {
        switch phase {
        case .fresh: try planInsertion(call.operations, rules)
        case .stored(let record): planChange(of: record, call, rules)
        case .ended, .detached: nil
        }
    }

    /// Operations are carried out here, on the values that the request has set. Fields that live for a time are stored
    /// by a second write, when the store's clock is known.
    private func planInsertion(
        _ operations: [FieldChange], _ rules: SessionRules
    ) throws(SessionError) -> PlannedSave? {
        let stored = changes.pending.entries.filter { $0.lifetime == nil }
        let base = Fields(
            stored.compactMap { entry in entry.value.map { Field(name: entry.name, value: $0, revision: 0) } })
        guard !base.isEmpty || !operations.isEmpty || changes.pending.entries.contains(where: { $0.value != nil })
        else { return nil }
        if exchange.isFinished { throw SessionError(responseSentFor: "the first save of a session") }
        let applied: Fields.Applied
        do throws(ModelError) {
            if !operations.isEmpty { try Change(operations).validate() }
            applied = try base.applying(operations, revision: 1)
        } catch {
            throw SessionError(store: error)
        }
        let token = SessionToken(id: id)
        let record = TokenRecord(digest: token.digest(in: namespace))
        var fields = [(name: ReservedField.token, value: record.encoded.token)]
        if changes.isPersistent == true { fields.append((ReservedField.persistent, ReservedField.yes)) }
        if changes.limits?.isOwn == true { fields.append((ReservedField.ownLimits, ReservedField.yes)) }
        if rules.schema.version > 0 { fields.append((ReservedField.schema, rules.schema.encoded)) }
        fields += applied.fields.map { ($0.name, $0.value) }
        let limits =
            changes.limits?.expiry
            ?? (OwnerRecord.isWritten(by: operations) ? rules.limits.signedIn : rules.limits.anonymous)
        var pending = changes.pending
        pending.replaceAll(stored)
        return PlannedSave(
            write: .insert(NewModel(id: id, fields: fields), limits, token), pending: pending,
            operations: operations, values: applied.values)
    }

    private func planChange(of record: SessionRecord, _ call: SaveCall, _ rules: SessionRules) -> PlannedSave? {
        // A client whose token was just replaced is being told of a newer one. Another replacement now would kill that
        // one, which the client may hold in the end.
        let rotation = call.rotation.flatMap { $0.hasGrace && client.isGraced ? nil : $0 }
        let hasLimits = changes.limits != nil || changes.isPersistent != nil
        guard !changes.pending.isEmpty || !call.operations.isEmpty || rotation != nil || hasLimits else { return nil }
        // A field that is set while an operation on it is under way is the next save's.
        let pending = changes.pending.without(call.operations)
        var builder = ChangeBuilder(record, client: client, schema: rules.schema)
        for entry in pending.entries {
            builder.write(entry)
            if !entry.isUnconditional { builder.expect(entry.name) }
        }
        for entry in call.operations { builder.apply(entry.operation, to: entry.name) }
        builder.sweep()
        builder.mark(ReservedField.persistent, changes.isPersistent, was: record.isPersistent)
        builder.mark(ReservedField.ownLimits, changes.limits?.isOwn, was: record.hasOwnLimits)
        if let rotation { builder.replaceToken(self.record(of: rotation, in: record)) }
        // Where what is to be taken isn't there.
        if builder.operations.isEmpty, !hasLimits { return nil }
        var change = builder.change(renewal: renewal(of: record, with: call.operations, rules.limits))
        change.needsConfirmation = rotation != nil || OwnerRecord.isWritten(by: call.operations)
        return PlannedSave(
            write: .change(change), pending: pending, rotation: rotation, operations: call.operations,
            values: builder.values)
    }

    /// What a write does to the deadline. Whoever signs in leaves the limits of anonymous sessions behind, unless the
    /// app has given the session limits of its own.
    private func renewal(
        of record: SessionRecord, with operations: [FieldChange], _ limits: SessionLimits
    ) -> Change.Renewal {
        if let new = changes.limits { return .replace(new.expiry) }
        if OwnerRecord.isWritten(by: operations), record.owner == nil, !record.hasOwnLimits,
            record.model.lifetime?.expiry != limits.signedIn
        {
            return .replace(limits.signedIn)
        }
        return record.mayRenew ? .touch : .keep
    }

    /// What is to be stored of a rotation.
    private func record(of rotation: TokenRotation, in record: SessionRecord) -> TokenRecord {
        TokenRecord(
            digest: rotation.token.digest(in: namespace),
            replacing: record.token, at: record.storeTime, grace: rotation.grace)
    }

    // MARK: Other verbs

    /// What a removal or a renewal expects: the token that the request acts for.
    func expectation(of record: SessionRecord) -> Change.Expectation {
        if case .notAsked = client { return .nothing }
        return .fields([Change.FieldRevision(name: ReservedField.token, revision: record.tokenRevision)])
    }

    private mutating func nextOfRenewal(mayKeep: Bool) throws(SessionError) -> StoreRequest? {
        try requireWritable()
        guard case .stored(let record) = phase else { return nil }
        guard record.mayRenew || mayKeep else { return .confirmOwner(record.model) }
        let change = Change(
            [], expecting: expectation(of: record), renewal: record.mayRenew ? .touch : .keep,
            base: record.model.revision)
        return .commit(change, to: record.model.id)
    }

    private mutating func nextOfUpdate(
        _ draft: DraftChanges, _ rules: SessionRules, _ call: inout SaveCall
    ) throws(SessionError) -> StoreRequest? {
        try requireWritable()
        guard case .stored(let record) = phase else { return nil }
        var drafted = self
        drafted.changes.pending = draft.pending
        try drafted.checkSize(with: [], rules.size)
        var builder = ChangeBuilder(record, client: client, schema: rules.schema)
        for name in draft.used { builder.expect(name.text) }
        for entry in draft.pending.entries { builder.write(entry) }
        let renews = record.mayRenew && !builder.operations.isEmpty
        let change = builder.change(renewal: renews ? .touch : .keep)
        return begin(PlannedSave(write: .change(change), pending: PendingChanges()), in: &call)
    }

    private mutating func nextOfEntry(
        _ holder: UInt64, _ lease: Duration, _ call: inout SaveCall
    ) throws(SessionError) -> StoreRequest? {
        try requireWritable()
        guard case .stored(let record) = phase else { return nil }
        var builder = ChangeBuilder(record, client: client)
        let section = SectionRecord(holder: holder, until: record.storeTime + lease)
        builder.append(ReservedField.section, .set(section.encoded))
        // 0, while somebody is in it: the attempt succeeds if they leave meanwhile, and else tells how they stand.
        if record.section.map({ $0.until > record.storeTime }) ?? false {
            builder.expectAbsence(of: ReservedField.section)
        } else {
            builder.expect(ReservedField.section)
        }
        let change = builder.change(renewal: record.mayRenew ? .touch : .keep)
        return begin(PlannedSave(write: .change(change), pending: PendingChanges()), in: &call)
    }
}
