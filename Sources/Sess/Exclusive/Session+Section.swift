import Modeler

/// The result of an attempt to enter a section.
enum SectionEntry: Sendable {
    /// This request is in it.
    case entered(Revision)
    /// Somebody else is, for no longer than this unless they renew their lease.
    case taken(Duration)
    /// The session isn't stored, so nobody else can reach it.
    case unstored
}

extension Session {
    /// Tries to enter the section. What was changed before is saved first; having entered, the session's fields are
    /// those that the one before has left.
    func tryEnterSection(holder: UInt64, lease: Duration) async throws(SessionError) -> SectionEntry {
        await gate.enter()
        defer { gate.leave() }
        let saver = Saver(self)
        try await saver.run(SaveCall(.save))
        guard withMachine({ $0.record != nil }) else { return .unstored }
        let call = try await saver.run(SaveCall(.enter(holder: holder, lease: lease)))
        if call.isRefused {
            return .taken(
                withMachine { machine in
                    guard let record = machine.record, let section = record.section else { return .zero }
                    return max(section.until - record.storeTime, .zero)
                })
        }
        let (entered, mayBeStale) = withMachine { ($0.model.revision, $0.record?.mayBeStale == true) }
        if mayBeStale { try await saver.run(SaveCall(.refresh)) }
        return .entered(entered)
    }

    /// Renews the lease.
    ///
    /// - Returns: Whether the section is held still.
    func renewSection(lease: Duration) async throws(SessionError) -> Bool {
        await gate.enter()
        defer { gate.leave() }
        return try await writeSection { record, held in
            .set(SectionRecord(holder: held.holder, until: record.storeTime + lease).encoded)
        }
    }

    /// Saves what the section's function has changed since a moment before it, and leaves, in one write. Nothing is
    /// saved where somebody else is in by now.
    func saveAndLeaveSection() async throws(SessionError) {
        await gate.enter()
        defer { gate.leave() }
        let (isHeld, hasChanges) = withMachine { ($0.record?.lease != nil, !$0.changes.isEmpty) }
        guard isHeld, hasChanges else {
            if hasChanges { try await Saver(self).run(SaveCall(.save)) }
            return
        }
        try await Saver(self).run(SaveCall(.save, operations: [.init(ReservedField.section, .remove)]))
        withMachine { machine in machine.withRecord { $0.lease = nil } }
    }

    /// Leaves, and drops what the section's function has changed and not saved. A section that can't be left now is
    /// anybody's once its lease has ended.
    ///
    /// - Parameter dropsChanges: Whether the function has failed.
    func leaveSection(dropsChanges: Bool) async {
        await gate.enter()
        defer { gate.leave() }
        withMachine { machine in
            guard machine.leaseRecord?.lease != nil, dropsChanges else { return }
            // What other tasks of the request have changed meanwhile stays.
            machine.changes.pending.replaceAll(machine.changes.pending.entries.filter { !$0.isOfSection })
            machine.attempt.settle()
        }
        _ = try? await writeSection { _, _ in .remove }
        withMachine { machine in machine.withLeaseRecord { $0.lease = nil } }
    }

    /// Leaves a section that may have been entered by an attempt whose answer was lost.
    func abandonSection(_ id: ModelID, holder: UInt64) async {
        guard let current = try? await manager.store.fetch(id), SectionRecord.read(current)?.holder == holder else {
            return
        }
        let held = HeldSection(holder: holder, revision: 0).renewed(in: current)
        let change = Change(
            [.init(ReservedField.section, .remove)],
            expecting: .fields([held.expectation]), renewal: .keep, base: current.revision)
        _ = try? await manager.store.commit(change, to: id)
    }

    // MARK: Steps

    /// Writes the section's record, whatever has become of the request's token.
    private func writeSection(
        _ operation: (SessionRecord, HeldSection) -> FieldOperation
    ) async throws(SessionError) -> Bool {
        var backoff = Backoff()
        while await backoff.next() {
            let next = withMachine { machine -> (ModelID, Change)? in
                guard let record = machine.leaseRecord, let held = record.lease else { return nil }
                let change = Change(
                    [.init(ReservedField.section, operation(record, held))],
                    expecting: .fields([held.expectation]), renewal: .keep, base: record.model.revision)
                return (record.model.id, change)
            }
            guard let (id, change) = next else { return false }
            switch try await manager.store.commit(change, to: id) {
            case .committed(let commit):
                withMachine { machine in
                    machine.withLeaseRecord { record in
                        record.lease?.revision = commit.revision
                        record.apply(change, commit)
                    }
                }
                return true
            case .gone:
                return false
            case .conflict(let current):
                // An earlier write whose answer was lost may be what is found.
                let isHeld = withMachine { machine in
                    guard let lease = machine.leaseRecord?.lease else { return false }
                    guard SectionRecord.read(current)?.holder == lease.holder else { return false }
                    machine.withLeaseRecord { $0.lease = lease.renewed(in: current) }
                    return true
                }
                guard isHeld else { return false }
            }
        }
        return false
    }
}

extension SessionMachine {
    /// The record that a lease is of, also of a session that the request has let go of.
    fileprivate var leaseRecord: SessionRecord? {
        switch phase {
        case .stored(let record), .detached(_, .dropped(let record?)): record
        case .fresh, .ended, .detached: nil
        }
    }

    fileprivate mutating func withLeaseRecord(_ body: (inout SessionRecord) -> Void) {
        if case .detached(let model, .dropped(var record?)) = phase {
            body(&record)
            phase = .detached(model, .dropped(record))
        } else {
            withRecord(body)
        }
    }
}
