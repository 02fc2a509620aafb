import Modeler

extension SessionManager {
    /// Refuses options that make no sense.
    static func check(_ options: SessionOptions) throws(SessionError) {
        try check(options.timeouts.expiry)
        if let limits = options.timeouts.anonymous { try check(limits) }
        if let window = options.timeouts.renewalWindow, window < .zero {
            throw SessionError(.invalidConfiguration, "timeouts.renewalWindow is zero or more")
        }
        if let name = options.tokens.namespace, name.isEmpty || name.utf8.count > 256 {
            throw SessionError(.invalidConfiguration, "tokens.namespace has 1 to 256 bytes, not \(name.utf8.count)")
        }
        guard options.maximumBytes > 0, options.maximumFields > 0 else {
            throw SessionError(.invalidConfiguration, "the maxima are at least 1 byte and 1 field")
        }
        let transports = options.tokens.transports
        guard !transports.isEmpty, Set(transports).count == transports.count else {
            throw SessionError(.invalidConfiguration, "tokens.transports has at least one transport, and none twice")
        }
        if let most = options.users.maximumSessions, most < 1 {
            throw SessionError(.invalidConfiguration, "users.maximumSessions is at least 1")
        }
        if let deadline = options.store.deadline, deadline < .milliseconds(1) {
            throw SessionError(.invalidConfiguration, "store.deadline is a millisecond or more")
        }
        try checkRotation(options)
    }

    static func check(_ limits: Expiry) throws(SessionError) {
        for limit in [limits.idle, limits.absolute] {
            if let limit, !Expiry.isAllowed(limit) {
                throw SessionError(
                    .invalidConfiguration, "a session's timeout is at least a millisecond and at most a century")
            }
        }
    }

    private static func checkRotation(_ options: SessionOptions) throws(SessionError) {
        guard options.tokens.rotationGrace >= .zero else {
            throw SessionError(.invalidConfiguration, "tokens.rotationGrace is zero or more")
        }
        guard let interval = options.tokens.rotationInterval else { return }
        // Of a session's former tokens the last one is accepted. A grace longer than the interval would be cut short.
        guard options.tokens.rotationGrace >= .seconds(1), interval >= options.tokens.rotationGrace else {
            throw SessionError(
                .invalidConfiguration,
                "tokens.rotationInterval needs a tokens.rotationGrace of a second or more, and is no shorter than it"
            )
        }
    }
}

extension SessionOptions {
    /// The options with what some of them mean for others.
    var resolved: SessionOptions {
        var options = self
        if rolling { options.timeouts.renewalWindow = .zero }
        return options
    }
}
