import Modeler

extension SessionMachine {
    /// Whether the session was lost by no choice of the app's, so that a sign-in begins a new one.
    var canBeginAnew: Bool {
        switch phase {
        case .ended, .detached(_, .replaced), .detached(_, .ended), .detached(_, .unreadable): true
        case .fresh, .stored, .detached: false
        }
    }

    /// Goes back to the session as it was before a new one was tried.
    mutating func resume(_ before: SessionMachine) {
        let (wasUsed, isFinished) = (exchange.wasUsed, exchange.isFinished)
        self = before
        exchange.wasUsed = wasUsed
        exchange.isFinished = isFinished
    }

    /// A new token for the session; `nil` while there is no record, or no client.
    func rotation(grace: Duration) -> TokenRotation? {
        guard case .stored(let record) = phase, client.token != nil else { return nil }
        return TokenRotation(token: SessionToken(id: record.model.id), grace: grace)
    }
}

extension Changes {
    /// What a new session takes over: the values that the request itself has set.
    var ofNewSession: Changes {
        var changes = self
        changes.pending.replaceAll(changes.pending.entries.filter { $0.value != nil })
        return changes
    }
}

extension SessionError {
    /// The client can't be told of a token any more.
    init(responseSentFor what: String, fileID: StaticString = #fileID, line: UInt = #line) {
        self.init(
            .responseSent, "\(what) needs a response that tells the client its new token, and its head has left",
            fileID: fileID, line: line)
    }
}
