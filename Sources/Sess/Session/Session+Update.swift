import Modeler

extension Session {
    /// Runs a function on the session's fields until its changes are stored on top of exactly the fields it has read.
    ///
    /// The function may run several times, each time on the fields as they are then; nobody else's write falls between
    /// what it read and what it wrote. What was changed before is saved first.
    ///
    /// Where the store's answer was lost, what the function changed may be stored; to update again runs it on the fields
    /// as they are then.
    ///
    /// ```swift
    /// let left = try await session.update { draft in
    ///     draft["credits", default: 0] -= price
    ///     return draft["credits", default: 0]
    /// }
    /// ```
    ///
    /// - Parameter body: Reads and writes the draft's fields, and does nothing else that counts.
    /// - Returns: What the function returned in the run that was stored.
    /// - Throws: What the function throws, with nothing stored; or a ``SessionError`` as ``save()``.
    public func update<Result>(_ body: (SessionDraft) throws -> Result) async throws -> Result {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        try await commit()
        for attempt in 0..<Self.maximumAttempts {
            if attempt > 1 { await Self.pause(attempt) }
            let (fields, isStored) = withState { state in
                let isStored = if case .stored = state.standing { true } else { false }
                return (state.liveFields, isStored)
            }
            let draft = SessionDraft(
                fields, maximumFields: manager.options.maximumFields, onUnreadable: recordUnreadable)
            let result = try body(draft)
            if let fault = draft.fault { throw fault }
            if draft.pending.isEmpty { return result }
            if try await store(draft, isStored: isStored) { return result }
        }
        throw SessionError(.conflict, "\(id) was changed by others \(Self.maximumAttempts) times in a row")
    }

    /// Whether the draft was stored; otherwise the session's fields are those of now.
    private func store(_ draft: SessionDraft, isStored: Bool) async throws(SessionError) -> Bool {
        guard isStored else {
            withState { state in
                for entry in draft.pending.entries {
                    state.set(
                        entry.value,
                        of: entry.name,
                        policy: entry.policy,
                        maximumFields: manager.options.maximumFields
                    )
                }
            }
            try await commit()
            return true
        }
        let planned = withState { state in
            Result { () throws(SessionError) in
                (try state.change(by: draft, options: manager.options), state.model.id)
            }
        }
        let (change, id) = try planned.get()
        if try await apply(change, to: id) { return true }
        reportRaced(change)
        return false
    }

    /// Reports the fields that were changed by others since the function read them.
    private func reportRaced(_ change: Change) {
        guard case .fields(let expected) = change.expecting else { return }
        let fields = withState { $0.model.fields }
        for field in expected
        where !Field.isSaveOnly(field.name) && fields.revision(of: field.name) != field.revision {
            manager.report(.conflict(session: id, field: field.name, policy: "update"))
        }
    }
}

extension SessionState {
    /// The change that stores a draft on top of exactly the fields that it has used.
    ///
    /// - Throws: ``SessionError/Code/tooLarge``.
    fileprivate func change(by draft: SessionDraft, options: SessionOptions) throws(SessionError) -> Change {
        var drafted = self
        drafted.pending = draft.pending
        try drafted.checkSize(with: [], maximumBytes: options.maximumBytes, maximumFields: options.maximumFields)
        var writes = beginWrites(schema: options.schema)
        for name in draft.used { writes.expect(name.text, of: model.fields) }
        for entry in draft.pending.entries { write(entry, to: &writes) }
        return change(writes, renewal: mayRenew ? .touch : .keep)
    }
}
