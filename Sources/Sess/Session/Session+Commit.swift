import Metrics
import Modeler

extension Session {
    /// The most times a save is tried when other requests keep changing the same fields.
    static let maximumAttempts = 32

    /// Saves what is pending with whatever else is asked, again after each conflict that the policies settle.
    ///
    /// The caller holds the gate.
    ///
    /// - Returns: The fields that operations were applied to.
    @discardableResult
    func commit(
        rotation: TokenRotation? = nil,
        operations: [(name: String, operation: FieldOperation)] = []
    ) async throws(SessionError) -> [Field] {
        for attempt in 0..<Self.maximumAttempts {
            if attempt > 1 { await Self.pause(attempt) }
            let planned = try plan(rotation: rotation, operations: operations)
            switch planned.plan {
            case .nothing:
                return []
            case .insert(let model, let limits):
                guard try await insert(model, limits: limits, planned: planned) else { continue }
                if withState({ $0.pending.isEmpty }) { return [] }
            case .change(let change):
                let commit = try await self.commit(change, planned: planned)
                if let commit { return commit.values }
            }
        }
        throw SessionError(.conflict, "\(id) was changed by others \(Self.maximumAttempts) times in a row")
    }

    private func plan(
        rotation: TokenRotation?,
        operations: [(name: String, operation: FieldOperation)]
    ) throws(SessionError) -> PlannedCommit {
        let (planned, fault, size, hasEnded) = withState { state in
            let planned = state.plan(
                rotation: rotation,
                operations: operations,
                limits: manager.limits,
                schema: manager.options.schema
            )
            let fault = state.fault
            state.fault = nil
            let isSmall = state.pending.isEmpty || state.byteCountBound <= manager.options.maximumBytes
            let size = isSmall ? 0 : state.visibleByteCount
            let hasEnded = if case .ended = state.standing { true } else { false }
            return (planned, fault, size, hasEnded)
        }
        if let fault { throw fault }
        if withState({ $0.refusesWrites }) { throw Self.refusedWrite }
        if hasEnded { throw SessionError(.gone, "\(id) ended while this request ran") }
        guard size <= manager.options.maximumBytes else {
            throw SessionError(
                .tooLarge,
                "\(id) would hold \(size) bytes; at most \(manager.options.maximumBytes) are accepted (maximumBytes)"
            )
        }
        return planned
    }

    /// Whether the insertion was applied; otherwise the session has another id now.
    private func insert(_ model: NewModel, limits: Expiry, planned: PlannedCommit) async throws(SessionError) -> Bool {
        let outcome = try await manager.insert(model, expiry: limits)
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
    func apply(_ change: Change, to id: ModelID) async throws(SessionError) -> Bool {
        let planned = PlannedCommit(plan: .change(change), pending: PendingChanges())
        return try await commit(change, planned: planned) != nil
    }

    /// The commit that was applied, or `nil` for another try.
    private func commit(_ change: Change, planned: PlannedCommit) async throws(SessionError) -> Commit? {
        let id = self.id
        let outcome: CommitOutcome
        do {
            outcome = try await manager.commit(change, to: id)
        } catch  where error.code == .unreadable {
            throw endUnreadable(error)
        }
        switch outcome {
        case .committed(let commit):
            withState { $0.applyChange(planned, change: change, commit: commit) }
            // A sign-in tells the index itself.
            if case .replace = change.renewal, !SessionState.isSignIn(change.operations) { await refreshOwnership() }
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
