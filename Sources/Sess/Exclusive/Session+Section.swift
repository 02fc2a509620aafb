import Modeler

/// What came of an attempt to enter a section.
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
        try await commit()
        guard let id = storedID else { return .unstored }
        if withState({ $0.model.lifetime?.expires == nil }) {
            // Only a session with a deadline tells the store's clock when it is read.
            let look = withState { $0.sectionChange([], section: nil, renewal: .keep) }
            _ = try await apply(look, to: id)
        }
        let change = withState { state in
            // 0, while somebody is in it: the attempt succeeds if they leave meanwhile, and else tells how they stand.
            let isTaken = SectionRecord.read(state.model).map { $0.until > state.storeTime } ?? false
            let expected = isTaken ? 0 : state.model.fields.revision(of: SectionRecord.fieldName)
            let record = SectionRecord(holder: holder, until: state.storeTime + lease)
            return state.sectionChange(
                [(SectionRecord.fieldName, .set(record.encoded))], section: expected,
                renewal: state.mayRenew ? .touch : .keep
            )
        }
        guard try await apply(change, to: id) else {
            return .taken(
                withState { state in
                    SectionRecord.read(state.model).map { max($0.until - state.storeTime, .zero) } ?? .zero
                })
        }
        let entered = withState { state in
            state.section = HeldSection(holder: holder, revision: state.model.revision)
            return state.model.revision
        }
        if withState({ $0.hasGaps }) { try await readAgain(id) }
        return .entered(entered)
    }

    /// Renews the lease.
    ///
    /// - Returns: Whether the section is held still.
    func renewSection(lease: Duration) async throws(SessionError) -> Bool {
        await gate.enter()
        defer { gate.leave() }
        return try await writeSection { state, held in
            .set(SectionRecord(holder: held.holder, until: state.storeTime + lease).encoded)
        }
    }

    /// Saves what is pending and leaves, in one write. Nothing is saved where somebody else is in by now.
    func saveAndLeaveSection() async throws(SessionError) {
        await gate.enter()
        defer { gate.leave() }
        let (isHeld, hasChanges) = withState { state in
            (state.section != nil, !state.pending.isEmpty || state.newLimits != nil || state.isPersistent != nil)
        }
        guard isHeld, hasChanges else {
            if hasChanges { try await commit() }
            return
        }
        try await commit(operations: [(SectionRecord.fieldName, .remove)])
        withState { $0.section = nil }
    }

    /// Leaves, and drops what was not saved. A section that can't be left now is anybody's once its lease has ended.
    func leaveSection() async {
        await gate.enter()
        defer { gate.leave() }
        withState { state in
            guard state.section != nil else { return }
            state.pending = PendingChanges()
            state.unresolved = nil
        }
        _ = try? await writeSection { _, _ in .remove }
        withState { $0.section = nil }
    }

    /// Leaves a section that may have been entered by an attempt whose answer was lost.
    func abandonSection(_ id: ModelID, holder: UInt64) async {
        guard let current = try? await manager.fetch(id), SectionRecord.read(current)?.holder == holder else { return }
        let held = HeldSection(holder: holder, revision: current.fields.revision(of: SectionRecord.fieldName))
        let change = Change(
            [(SectionRecord.fieldName, .remove)],
            expecting: .fields([held.expectation]),
            renewal: .keep,
            base: current.revision
        )
        _ = try? await manager.commit(change, to: id)
    }

    // MARK: Steps

    /// Writes the section's record, whatever has become of the request's token.
    private func writeSection(
        _ operation: (SessionState, HeldSection) -> FieldOperation
    ) async throws(SessionError) -> Bool {
        for _ in 0..<Self.maximumAttempts {
            let change = withState { state -> (ModelID, Change)? in
                guard let held = state.section, let id = state.recordID else { return nil }
                let change = Change(
                    [(SectionRecord.fieldName, operation(state, held))],
                    expecting: .fields([held.expectation]),
                    renewal: .keep,
                    base: state.model.revision
                )
                return (id, change)
            }
            guard let (id, change) = change else { return false }
            switch try await manager.commit(change, to: id) {
            case .committed(let commit):
                withState { state in
                    state.section?.revision = commit.revision
                    guard case .stored = state.standing else { return }
                    let planned = PlannedCommit(plan: .change(change), pending: PendingChanges())
                    state.applyChange(planned, change: change, commit: commit)
                }
                return true
            case .gone:
                return false
            case .conflict(let current):
                // An earlier write whose answer was lost may be what is found.
                guard withState({ $0.keepsSection(in: current) }) else { return false }
            }
        }
        return false
    }

    private func readAgain(_ id: ModelID) async throws(SessionError) {
        guard let current = try await manager.fetch(id) else {
            end(expiresCookie: true)
            throw SessionError(.gone, "\(id) ended while this request ran")
        }
        try settle(current)
    }
}

extension SessionState {
    /// The id of the record, also of one that the request has let go of.
    fileprivate var recordID: ModelID? {
        switch standing {
        case .stored: model.id
        case .detached(.dropped(let record)): record?.id
        case .fresh, .ended, .detached: nil
        }
    }

    /// A change that expects the request's token, and the section's record at a revision.
    fileprivate func sectionChange(
        _ operations: [(name: String, operation: FieldOperation)],
        section: Revision?,
        renewal: Change.Renewal
    ) -> Change {
        var expected = [Change.FieldRevision(name: TokenRecord.fieldName, revision: tokenRevision)]
        if let section { expected.append(.init(name: SectionRecord.fieldName, revision: section)) }
        return Change(operations, expecting: .fields(expected), renewal: renewal, base: model.revision)
    }
}
