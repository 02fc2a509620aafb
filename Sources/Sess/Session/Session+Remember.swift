public import Modeler

/// What the library itself remembers of a session, in save-only fields.
enum SessionMark {
    /// Says that the client's cookie is to outlive the browser's session.
    static let persistent = "__persistent"
}

extension Session {
    /// Makes the session outlive the browser's own: the cookie is kept as long as the session, which has limits of its
    /// own from now on. Offer it as "remember me"; stored with the next save.
    ///
    /// - Parameter limits: 30 days after the last use, unless stated.
    /// - Throws: ``SessionError/Code/invalidConfiguration`` unless each limit is positive and one of them is set.
    public func remember(limits: Expiry = Expiry(idle: .seconds(30 * 86400))) throws(SessionError) {
        guard limits.idle != nil || limits.absolute != nil else {
            throw SessionError(.invalidConfiguration, "a remembered session has a limit")
        }
        try setLimits(limits)
        withState { $0.isPersistent = true }
    }

    /// Undoes ``remember(limits:)``: the cookie ends with the browser's session again, and the manager's limits hold.
    public func forget() {
        withState { state in
            let isSignedIn = state.model.fields[OwnerRecord.fieldName] != nil
            state.newLimits = isSignedIn ? manager.limits.signedIn : manager.limits.anonymous
            state.isPersistent = false
        }
    }

    /// The client's token, for clients that don't use cookies: hand it over in a response that only they can read, and
    /// keep it nowhere else. `nil` for a session that isn't stored, or that was reached by its id.
    public func revealToken() -> String? {
        use { state in
            if case .stored = state.standing { manager.text(of: state) } else { nil }
        }
    }
}
