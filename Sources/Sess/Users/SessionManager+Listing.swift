public import Modeler

extension SessionManager {
    /// Returns a part of all live sessions, of whichever users: for operators' programs and pages.
    ///
    /// ```swift
    /// var page = try await manager.storedSessions()
    /// while true {
    ///     for session in page.sessions { print(session.id, session.userID ?? "nobody") }
    ///     guard let next = page.next else { break }
    ///     page = try await manager.storedSessions(after: next)
    /// }
    /// ```
    ///
    /// A session that is there all the while is found at least once, and perhaps more than once; one that comes or goes
    /// meanwhile may be found or not. A record that can't be read is left out. It reads whole sessions: an
    /// operator's tool, and nothing for each request. A user's own sessions come from ``sessions(of:)``.
    ///
    /// - Parameters:
    ///   - cursor: Where the part before has ended; `nil` to begin.
    ///   - limit: About how many records are looked at, from 1 to 1,000.
    /// - Throws: ``SessionError``: `storeUnavailable`; `invalidConfiguration` where the store is no
    ///   `ScannableCollection`.
    public func storedSessions(
        after cursor: PageCursor? = nil, limit: Int = 1000
    ) async throws(SessionError) -> StoredSessionPage {
        let step = try await store.scan(after: cursor, limit: min(max(limit, 1), 1000))
        let lookups = try await users.models(step.ids)
        return StoredSessionPage(sessions: lookups.compactMap { $0.model.map(StoredSession.init) }, next: step.next)
    }

    /// Returns the number of live sessions, each counted once. It reads them all, and keeps their ids meanwhile; see
    /// ``storedSessions(after:limit:)``.
    ///
    /// - Throws: As ``storedSessions(after:limit:)``.
    public func countSessions() async throws(SessionError) -> Int {
        var ids: Set<ModelID> = []
        var cursor: PageCursor?
        repeat {
            let page = try await storedSessions(after: cursor)
            ids.formUnion(page.sessions.map(\.id))
            cursor = page.next
        } while cursor != nil
        return ids.count
    }
}
