import Modeler

extension SessionManager {
    /// Revokes the sessions of all users, and those that nobody has signed in to: after a leak, say.
    ///
    /// It goes through the store in steps of about a thousand, whether or not the store keeps a list, and holds no more
    /// than a step in memory. On its return
    /// - every session that was stored when it was called is gone, on every server, and a request under way with one
    ///   stores nothing more;
    /// - no sign-in holds that asked the store before the call.
    ///
    /// Sessions that begin during the call may stay: so that clients can sign in again, nothing is closed meanwhile.
    /// Where it fails or its task is cancelled in the middle, what was ended stays so; call it again. In a Redis
    /// Cluster call it with a manager of each master. ``SessionOptions/Store/deadline`` doesn't bound it.
    ///
    /// - Parameters:
    ///   - kept: A session that goes on, as that of the administrator who asks.
    ///   - progress: Called after each step, with the sums so far.
    /// - Returns: The sums: of sessions, those that this call has removed itself; see ``RevocationProgress/sessions``.
    /// - Throws: ``SessionError``: `storeUnavailable`; `invalidConfiguration` where the store is no
    ///   `ScannableCollection`.
    @discardableResult
    public func revokeEverySession(
        except kept: Session? = nil,
        progress: (RevocationProgress) async -> Void = { _ in }
    ) async throws(SessionError) -> RevocationProgress {
        // Of a session that isn't stored nothing is to be kept, so any id will do.
        let kept = kept?.id ?? ModelID.random()
        var sums = RevocationProgress()
        var cursor: PageCursor?
        repeat {
            let step = try await unbounded { [cursor] () throws(SessionError) in
                let step = try await self.store.scan(after: cursor, limit: Self.scanWidth)
                let ofUsers = try await self.revoke(sessionsOf: step.owners, except: kept)
                let ended = try await self.users.removeRecords(step.ids.filter { $0 != kept })
                return (ended: ofUsers + ended.count, users: step.owners.count, next: step.next)
            }
            sums.sessions += step.ended
            sums.users += step.users
            cursor = step.next
            await progress(sums)
        } while cursor != nil
        return sums
    }

    /// What a step looks at.
    private static let scanWidth = 1000
    /// The users whose sessions end at once.
    private static let ownerWidth = 16

    /// Ends the sessions of some users, and their sign-ins that have a place already. Returns how many sessions it
    /// ended.
    private func revoke(sessionsOf users: [OwnerID], except kept: ModelID) async throws(SessionError) -> Int {
        guard store.owners != nil else { return 0 }
        var ended = 0
        for start in stride(from: 0, to: users.count, by: Self.ownerWidth) {
            let part = users[start..<min(start + Self.ownerWidth, users.count)]
            let results = await withTaskGroup(of: Result<Int, SessionError>.self) { group in
                for user in part {
                    group.addTask {
                        do throws(SessionError) {
                            // The epoch stays: it would be kept for every user for as long as a browser keeps a cookie.
                            let known = try await self.store.askOwners { (owners) throws(ModelError) in
                                try await owners.condemn(allOf: user, except: kept)
                            }
                            return .success(try await self.users.remove(known.condemned, of: user).count)
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for result in results { ended += try result.get() }
        }
        return ended
    }

    /// Asks the store without regard to the time of the request that this may be part of.
    private func unbounded<Answer>(
        _ body: () async throws(SessionError) -> Answer
    ) async throws(SessionError) -> Answer {
        try await StoreBudget.$current.withValue(nil) {
            do throws(SessionError) {
                return Result<Answer, SessionError>.success(try await body())
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
