public import Modeler

extension Session {
    /// Makes the session outlive the browser's own: the cookie is kept as long as the session, which has timeouts of
    /// its own from now on. Offer it as "remember me"; stored with the next save.
    ///
    /// - Parameter timeouts: 30 days after the last use and a year after the session's beginning, unless stated.
    /// - Throws: ``SessionError/Code/invalidConfiguration`` unless each timeout is positive and one of them is set.
    public func remember(timeouts: Expiry = .remembered) throws(SessionError) {
        guard timeouts.idle != nil || timeouts.absolute != nil else {
            throw SessionError(.invalidConfiguration, "a remembered session has an idle or an absolute timeout")
        }
        try setTimeouts(timeouts)
        withMachine { $0.changes.isPersistent = true }
    }

    /// Undoes ``remember(timeouts:)``: the cookie ends with the browser's session again, and
    /// ``SessionOptions/timeouts`` hold.
    public func stopRemembering() {
        withMachine { machine in
            let limits = manager.rules.limits
            let expiry = machine.record?.owner != nil ? limits.signedIn : limits.anonymous
            machine.changes.limits = NewLimits(expiry: expiry, isOwn: false)
            machine.changes.isPersistent = false
        }
    }

    /// The client's token, for clients that don't use cookies: hand it over in a response that only they can read, and
    /// keep it nowhere else. The response then isn't stored by caches. `nil` for a session that isn't stored, or that
    /// was reached by its id.
    public func revealToken() -> String? {
        withMachine { machine in
            machine.exchange.wasUsed = true
            guard case .stored = machine.phase, let text = manager.text(of: machine.client) else { return nil }
            machine.exchange.wasRevealed = true
            return text
        }
    }
}

extension Expiry {
    /// The timeouts of a remembered session: 30 days after its last use, a year after its beginning.
    public static let remembered = Expiry(idle: .seconds(30 * 86400), absolute: .seconds(365 * 86400))
}
