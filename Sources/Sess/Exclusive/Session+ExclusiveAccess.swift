extension Session {
    /// Runs a function while no other request, on any server, is in the exclusive section of the same session: for
    /// routes that must not run side by side, such as a payment.
    ///
    /// ```swift
    /// try await session.withExclusiveAccess { section in
    ///     guard session["paid", as: Bool.self] != true else { return }
    ///     try await bank.charge(session[CartKey.self].total, key: section.fencingToken)
    ///     session["paid"] = true
    /// }
    /// ```
    ///
    /// What was changed before is saved first. Inside, the session's fields are those that the one before has left; at
    /// the end what was changed is saved in the write that leaves the section. Where the function throws, what it
    /// changed and did not save is dropped. Other routes are not held up, and their writes merge as ever.
    ///
    /// The section is held by a lease in the store, on the store's clock, which is renewed while the function runs. A
    /// server that dies in the middle holds others up for the rest of its lease. Should a lease end under a function
    /// that still runs, as when its server stood still, then nothing more of that request is saved into the session
    /// once somebody else has entered: every write is checked against the section, in the store and in the same step.
    ///
    /// In one process requests wait in the order of arrival and without asking the store; the first of each process
    /// asks it, in random intervals of up to a tenth of a second. A session that isn't stored is nobody else's, and
    /// waits for nothing. Sections don't nest; a task that is begun inside, unless detached, counts as inside.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait for one's turn.
    ///   - lease: For how long the section outlives a server that dies; at least 100 milliseconds.
    ///   - maximumWaiters: How many requests of a session may wait in one process; one more fails at once.
    ///   - body: Gets the section, with its fencing token.
    /// - Returns: What the function returned.
    /// - Throws: What the function throws; a ``SessionError``: `busy` where the turn did not come in time or too many
    ///   wait, `sectionLost` where what the function changed could not be saved because somebody else has entered, and
    ///   as ``Session/save()``; `CancellationError` for a task that was cancelled while it waited.
    @discardableResult
    public func withExclusiveAccess<Result>(
        timeout: Duration = .seconds(10),
        lease: Duration = .seconds(15),
        maximumWaiters: Int = 16,
        _ body: (ExclusiveSection) async throws -> Result
    ) async throws -> Result {
        try await manager.exclusive(self, timeout: timeout, lease: lease, maximumWaiters: maximumWaiters, body)
    }
}
