import Modeler

extension Session {
    /// Runs a function on the session's fields until its changes are stored on top of exactly the fields it has read.
    ///
    /// The function may run several times, each time on the fields as they are then; nobody else's write falls between
    /// what it read and what it wrote. What was changed before is saved first.
    ///
    /// Where the store's answer was lost, what the function changed may be stored; to update again runs it on the
    /// fields as they are then.
    ///
    /// ```swift
    /// let left = try await session.update { draft in
    ///     draft["credits", default: 0] -= price
    ///     return draft["credits", default: 0]
    /// }
    /// ```
    ///
    /// - Parameter body: Reads and writes the draft's fields, and has no other side effects: it may run several times.
    /// - Returns: The function's result of the run that was stored, or that changed nothing on top of the fields as
    ///   they are.
    /// - Throws: What the function throws, with nothing stored; or a ``SessionError`` as ``save()``.
    public func update<Result>(_ body: (SessionDraft) throws -> Result) async throws -> Result {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        try await Saver(self).run(SaveCall(.save))
        var backoff = Backoff()
        while await backoff.next() {
            let fields = withMachine { $0.record?.liveFields ?? [] }
            let draft = SessionDraft(
                fields, maximumFields: manager.options.maximumFields, onUnreadable: recordUnreadable)
            let result = try body(draft)
            if let fault = draft.fault { throw fault }
            if try await store(draft) { return result }
        }
        throw SessionError(.conflict, "\(id) was changed by others \(Backoff.maximumAttempts) times in a row")
    }

    /// Whether the draft was stored; otherwise the session's fields are those of now.
    private func store(_ draft: SessionDraft) async throws(SessionError) -> Bool {
        let changes = DraftChanges(pending: draft.pending, used: draft.used)
        if changes.used.isEmpty { return true }
        guard withMachine({ $0.record != nil }) else {
            withMachine { machine in
                for entry in changes.pending.entries {
                    machine.set(
                        entry.value, of: entry.name, policy: entry.policy,
                        maximumFields: manager.options.maximumFields)
                }
            }
            try await Saver(self).run(SaveCall(.save))
            return true
        }
        let before = withMachine { $0.model.fields }
        let call = try await Saver(self).run(SaveCall(.update(changes)))
        if !call.isRefused { return true }
        reportRaced(changes, before)
        return false
    }

    /// Reports the fields that were changed by others since the function read them.
    private func reportRaced(_ changes: DraftChanges, _ before: Fields) {
        let now = withMachine { $0.model.fields }
        for name in changes.used where before.revision(of: name.text) != now.revision(of: name.text) {
            manager.report(.conflict(session: id, field: name.text, policy: "update"))
        }
    }
}
