import Metrics
import Modeler

extension Session {
    /// The most times a save is tried when other requests keep changing the same fields.
    static let maximumAttempts = 32

    /// Saves what is pending with whatever else is asked, again after each conflict that the policies settle. A save
    /// before it whose outcome is unknown is repeated first; where it was of the same operations, it is this one.
    ///
    /// The caller holds the gate.
    ///
    /// - Returns: The fields that operations were applied to, as they are then; those that were removed, as they were.
    @discardableResult
    func commit(
        rotation: TokenRotation? = nil,
        operations: [(name: String, operation: FieldOperation)] = []
    ) async throws(SessionError) -> [Field] {
        var rotation = rotation
        var operations = operations
        var repeated: [Field] = []
        for attempt in 0..<Self.maximumAttempts {
            if attempt > 1 { await Self.pause(attempt) }
            let planned = try plan(rotation: rotation, operations: operations)
            switch planned.plan {
            case .nothing:
                return repeated
            case .insert(let model, let limits):
                guard try await insert(model, limits: limits, planned: planned) else { continue }
                if !planned.isRepeated, withState({ $0.pending.isEmpty }) { return [] }
                if planned.isRepeated, planned.isOf(operations) { operations = [] }
            case .change(let change):
                // Limits of the app's choosing move the deadline as a renewal does.
                if case .replace = change.renewal, !SessionState.isSignIn(change.operations) {
                    try await requireOwner()
                }
                guard let commit = try await self.commit(change, planned: planned) else { continue }
                let values = planned.values.isEmpty ? commit.values : planned.values + commit.values
                guard planned.isRepeated else { return repeated.isEmpty ? values : repeated }
                if planned.rotation != nil { rotation = nil }
                if planned.isOf(operations) {
                    repeated = values
                    operations = []
                }
            }
        }
        throw SessionError(.conflict, "\(id) was changed by others \(Self.maximumAttempts) times in a row")
    }

    private func plan(
        rotation: TokenRotation?,
        operations: [(name: String, operation: FieldOperation)]
    ) throws(SessionError) -> PlannedCommit {
        let result = withState { state in
            Result { () throws(SessionError) in
                try state.beginSave(
                    rotation: rotation, operations: operations, limits: manager.limits, options: manager.options)
            }
        }
        return try result.get()
    }

    /// Whether the insertion was applied; otherwise the session has another id now.
    private func insert(_ model: NewModel, limits: Expiry, planned: PlannedCommit) async throws(SessionError) -> Bool {
        let outcome: InsertOutcome
        do {
            outcome = try await manager.insert(model, expiry: limits)
        } catch {
            withState { $0.noteFailure(error, of: planned) }
            throw error
        }
        switch outcome {
        case .inserted(let commit):
            withState { $0.applyInsertion(planned, fields: model, commit: commit) }
            manager.metrics.created.increment()
            return true
        case .exists:
            let id = try manager.newID(for: details)
            guard id != model.id else {
                throw SessionError(.conflict, "makeID gave \(id) again, which is another session's; ids occur once")
            }
            withState { state in
                state.isSaving = false
                state.unresolved = nil
                state.token = nil
                let model = state.model
                state.model = Model(
                    id: id,
                    revision: 0,
                    created: model.created,
                    updated: model.updated,
                    fields: []
                )
            }
            return false
        }
    }

    /// Whether a change of fields that aren't pending was applied; otherwise the session's fields are those of now.
    ///
    /// Nothing that is pending depends on it: where its outcome is unknown, a later save meets it as another request's.
    func apply(_ change: Change, to id: ModelID) async throws(SessionError) -> Bool {
        let planned = PlannedCommit(plan: .change(change), pending: PendingChanges())
        withState { $0.isSaving = true }
        defer { withState { $0.isSaving = false } }
        return try await commit(change, planned: planned, keepsUnresolved: false) != nil
    }

    /// The commit that was applied, or `nil` for another try.
    private func commit(
        _ change: Change,
        planned: PlannedCommit,
        keepsUnresolved: Bool = true
    ) async throws(SessionError) -> Commit? {
        let id = self.id
        let outcome: CommitOutcome
        do {
            outcome = try await manager.commit(change, to: id)
        } catch {
            if error.code == .unreadable { throw endUnreadable(error) }
            if keepsUnresolved { withState { $0.noteFailure(error, of: planned) } }
            throw error
        }
        switch outcome {
        case .committed(let commit):
            withState { $0.applyChange(planned, change: change, commit: commit) }
            // A sign-in tells the index itself.
            if case .replace = change.renewal, !SessionState.isSignIn(change.operations) {
                try await refreshOwnership()
            }
            manager.metrics.saved.increment()
            return commit
        case .gone:
            end(expiresCookie: true)
            throw SessionError(.gone, "\(id) ended while this request ran")
        case .conflict(let current):
            try settle(current)
            return nil
        }
    }

    func settle(_ current: Model) throws(SessionError) {
        let result = withState { state in
            Result { () throws(SessionError) in try state.resolve(current, policies: manager.policies) }
        }
        switch try result.get() {
        case .retry(let raced):
            for (field, policy) in raced {
                manager.report(.conflict(session: current.id, field: field, policy: policy))
            }
        case .fail(let fields):
            for field in fields {
                manager.report(.conflict(session: current.id, field: field, policy: ConflictPolicy.fail.name))
            }
            throw SessionError(.conflict, "another request changed \(fields.joined(separator: ", ")) of \(current.id)")
        case .sectionLost:
            throw SessionError(.sectionLost, "somebody else has entered the exclusive section of \(current.id)")
        case .tokenReplaced:
            end(expiresCookie: false)
            throw SessionError(.gone, "the token of \(current.id) was replaced while this request ran")
        }
    }

    /// Ends a session whose record can't be read any more, as one that is gone.
    func endUnreadable(_ error: SessionError) -> SessionError {
        manager.report(.unreadableSession(session: id))
        end(expiresCookie: true)
        return SessionError(.gone, "the record of \(id) can't be read any more", underlying: error)
    }

    /// Waits before another try.
    ///
    /// - Throws: ``SessionError/Code/conflict`` once there were as many as are made.
    static func pause(beforeAttempt attempt: Int, of id: ModelID) async throws(SessionError) {
        guard attempt < maximumAttempts else {
            throw SessionError(.conflict, "\(id) was changed by others \(maximumAttempts) times in a row")
        }
        if attempt > 1 { await pause(attempt) }
    }

    /// Waits a random time that grows with the attempts, so that writers of one field come apart.
    static func pause(_ attempt: Int) async {
        let ceiling = min(1 << min(attempt, 6), 64)
        // A cancelled task goes on at once; the store's own call then reports the cancellation.
        try? await Task.sleep(for: .milliseconds(Int.random(in: 0...ceiling)))
    }
}

extension SessionError {
    /// Whether a write that has failed so may have been applied.
    var leavesOutcomeUnknown: Bool {
        let code = (underlying as? ModelError)?.code
        return code == .outcomeUnknown || code == .cancelled
    }
}
