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
        withState { state in
            guard !state.isDetached else { return }
            state.drop()
        }
    }

    /// When the session expires unless it is used before, by the store's clock; `nil` while it isn't stored, and for one
    /// that never does.
    public var expires: Timestamp? {
        use { $0.model.lifetime?.expires }
    }

    /// Has the session end at an instant, however it is used; stored with the next save. Its idle limit is lifted. With
    /// ``remember(limits:)`` before, the client's cookie is kept as long.
    ///
    /// The instant is compared to the store's clock. Of a session that isn't stored yet only this server's is known.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for an instant that has passed.
    public func expire(at instant: Timestamp) throws(SessionError) {
        let (created, now) = withState { state in
            state.model.revision > 0 ? (state.model.created, state.storeTime) : (manager.now(), manager.now())
        }
        guard instant > now else {
            throw SessionError(.invalidConfiguration, "a session ends in the future; \(instant) is past")
        }
        try setLimits(Expiry(absolute: .milliseconds(instant.milliseconds) - .milliseconds(created.milliseconds)))
    }

    /// Removes the record of a session that was dropped, where that is the policy.
    func removeDropped() async throws(SessionError) {
        let model = withState { state -> Model? in
            if case .detached(.dropped(let model)) = state.standing { model } else { nil }
        }
        guard let model, manager.options.whenDropped == .destroy else { return }
        await gate.enter()
        defer { gate.leave() }
        try await manager.end(model.id, .destroyed)
        if let store = manager.owners, let owner = try? OwnerRecord.read(model)?.owner {
            await manager.withdraw([model.id], of: owner, in: store)
        }
        withState { if $0.wasPresented || $0.cookie != .leave { $0.cookie = .expire } }
    }
}

extension SessionState {
    /// Lets go of the record. The client is still told of a token that was replaced before.
    fileprivate mutating func drop() {
        let isStored = if case .stored = standing { true } else { false }
        standing = .detached(.dropped(isStored ? model : nil))
        pending = PendingChanges()
        unresolved = nil
        fault = nil
        newLimits = nil
        isPersistent = nil
        if !isStored, cookie == .issue { cookie = .leave }
        model.fields = Fields(model.fields.filter { $0.name == SessionMark.persistent })
    }
}
