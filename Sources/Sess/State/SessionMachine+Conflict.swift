import Modeler

/// Another request has changed the same session.
struct Conflict: Sendable {
    /// The record as the request has read it.
    var base: SessionRecord
    /// The model as it is in the store.
    var current: Model
    /// What the request has changed and no policy has decided yet.
    var entries: [PendingChanges.Entry]
}

/// What the policies have made of a conflict.
struct Resolution: Sendable {
    /// The changes that were decided about.
    var decided: [PendingChanges.Entry] = []
    /// Those that are to be tried again.
    var kept: [PendingChanges.Entry] = []
    /// The fields that both requests have changed, with the policies that have decided.
    var raced: [(field: String, policy: String)] = []
    /// The fields whose policy is to fail.
    var failed: [String] = []
}

extension SessionMachine {
    /// Takes the record as it is now, where it isn't what a request to the store expected.
    mutating func takeConflict(
        _ current: Model, _ call: inout SaveCall, now: Timestamp
    ) throws(SessionError) -> Followup {
        if call.planned != nil { attempt.settle() }
        guard case .stored(let record) = phase else { return .proceed }
        let status = client.status(in: current, namespace)
        guard status != .replaced else {
            let id = model.id
            detach(.replaced, now: now, id: call.newID)
            if case .remove = call.goal {
                call.isDone = true
                return .proceed
            }
            call.events.append(.goneWhileInUse(session: id))
            throw SessionError(.gone, "the token of \(id) was replaced while this request ran")
        }
        note(status)
        switch call.goal {
        case .remove, .renew, .confirm:
            withRecord { $0.adoptToken(of: current) }
            return .proceed
        case .update, .enter:
            call.isRefused = true
            call.isDone = true
        case .save, .reload, .refresh: break
        }
        // Another version of the app is at work: what this one has to write is of another shape.
        let schema = current.fields.revision(of: ReservedField.schema)
        guard schema == record.model.fields.revision(of: ReservedField.schema) else {
            throw SessionError(.conflict, "\(model.id) was migrated to another schema while this request ran")
        }
        if let lease = record.lease {
            guard SectionRecord.read(current)?.holder == lease.holder else {
                throw SessionError(
                    .sectionLost, "somebody else has entered the exclusive section of \(model.id)")
            }
            withRecord { $0.lease = lease.renewed(in: current) }
        }
        guard !changes.pending.isEmpty else {
            withRecord { $0.adopt(current) }
            return .proceed
        }
        return .resolve(Conflict(base: record, current: current, entries: changes.pending.entries))
    }

    /// Takes what the policies have made of a conflict.
    ///
    /// - Returns: What was changed meanwhile and is to be decided, too.
    /// - Throws: ``SessionError/Code/conflict``.
    mutating func adopt(
        _ resolution: Resolution, of conflict: Conflict, _ call: inout SaveCall
    ) throws(SessionError) -> Conflict? {
        let changed = changes.pending.changed(since: resolution.decided)
        if !changed.isEmpty, resolution.failed.isEmpty {
            return Conflict(base: conflict.base, current: conflict.current, entries: changed)
        }
        let id = conflict.current.id
        for field in resolution.failed {
            call.events.append(.conflict(session: id, field: field, policy: ConflictPolicy.fail.name))
        }
        guard resolution.failed.isEmpty else {
            throw SessionError(
                .conflict, "another request changed \(resolution.failed.joined(separator: ", ")) of \(id)")
        }
        for (field, policy) in resolution.raced {
            call.events.append(.conflict(session: id, field: field, policy: policy))
        }
        withRecord { $0.adopt(conflict.current) }
        // What was taken back meanwhile stays so.
        changes.pending.replaceAll(
            resolution.kept.filter { kept in changes.pending.entries.contains { $0.number == kept.number } })
        return nil
    }
}
