import Metrics
public import Modeler

/// What becomes of a session that its request has dropped.
public enum DroppedSessionPolicy: Sendable, Hashable {
    /// It is destroyed at the end of the request. The default.
    case destroy
    /// It stays as it was when the request began or last saved it.
    case keep
}

extension Session {
    /// Lets go of the session, as `session = nil` does elsewhere: it reads as empty from here on, and nothing of it is
    /// saved in this request. ``SessionOptions/whenDropped`` says whether it ends or stays as it was.
    ///
    /// Where it is to end, it does at the end of the request; an error of the store then fails the request. Call
    /// ``destroy()`` to have it over at once.
    public func drop() {
        withMachine { $0.drop() }
    }

    /// When the session expires unless it is used before, by the store's clock; `nil` while it isn't stored, and for
    /// one that never does.
    public var expires: Timestamp? {
        observe { $0.model.lifetime?.expires }
    }

    /// Has the session end at an instant, however it is used; stored with the next save. Its idle limit is lifted. With
    /// ``remember(timeouts:)`` before, the client's cookie is kept as long.
    ///
    /// The instant is compared to the store's clock. Of a session that isn't stored yet only this server's is known.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for an instant that has passed.
    public func expire(at instant: Timestamp) throws(SessionError) {
        let (created, now) = withMachine { machine in
            machine.record.map { ($0.model.created, $0.storeTime) } ?? (manager.now(), manager.now())
        }
        guard instant > now else {
            throw SessionError(.invalidConfiguration, "a session ends in the future; \(instant) is past")
        }
        try setTimeouts(Expiry(absolute: .milliseconds(instant.milliseconds) - .milliseconds(created.milliseconds)))
    }

    /// Removes the record of a session that was dropped, where that is the policy: unless its token was replaced
    /// meanwhile.
    func removeDropped() async throws(SessionError) {
        let (record, expected) = withMachine { machine -> (SessionRecord?, Change.Expectation) in
            guard case .detached(_, .dropped(let record?)) = machine.phase else { return (nil, .nothing) }
            return (record, machine.expectation(of: record))
        }
        guard let record, manager.options.whenDropped == .destroy else { return }
        await gate.enter()
        defer { gate.leave() }
        let answer = try await Saver(self).remove(record.model.id, expected)
        withMachine { $0.takeDroppedRemoval(answer, now: manager.now()) }
        guard case .removed = answer, let owner = try? record.owner?.owner else { return }
        await manager.users.withdraw([record.model.id], of: owner)
    }
}
