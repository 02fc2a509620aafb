import Modeler

extension SessionManager {
    /// Refuses options that make no sense.
    static func check(_ options: SessionOptions) throws(SessionError) {
        try check(options.limits)
        if let limits = options.anonymousLimits { try check(limits) }
        if let window = options.touchWindow, window < .zero {
            throw SessionError(.invalidConfiguration, "the touch window is zero or more")
        }
        if let name = options.systemName, name.isEmpty || name.utf8.count > 256 {
            throw SessionError(.invalidConfiguration, "a systemName has 1 to 256 bytes, not \(name.utf8.count)")
        }
        guard options.maximumBytes > 0, options.maximumFields > 0 else {
            throw SessionError(.invalidConfiguration, "the maxima are at least 1 byte and 1 field")
        }
        guard !options.transports.isEmpty, Set(options.transports).count == options.transports.count else {
            throw SessionError(.invalidConfiguration, "there is at least one transport, and none occurs twice")
        }
        if let most = options.maximumSessionsPerUser, most < 1 {
            throw SessionError(.invalidConfiguration, "a user may have at least 1 session")
        }
        if let deadline = options.storeDeadline, deadline < .milliseconds(1) {
            throw SessionError(.invalidConfiguration, "storeDeadline is a millisecond or more")
        }
        try checkRotation(options)
    }

    static func check(_ limits: Expiry) throws(SessionError) {
        for limit in [limits.idle, limits.absolute] {
            if let limit, !Expiry.isAllowed(limit) {
                throw SessionError(
                    .invalidConfiguration, "a session's limit is at least a millisecond and at most a century")
            }
        }
    }

    private static func checkRotation(_ options: SessionOptions) throws(SessionError) {
        guard options.rotationGrace >= .zero else {
            throw SessionError(.invalidConfiguration, "rotationGrace is zero or more")
        }
        guard let interval = options.rotationInterval else { return }
        // Of a session's former tokens the last one is accepted. A grace longer than the interval would be cut short.
        guard options.rotationGrace >= .seconds(1), interval >= options.rotationGrace else {
            throw SessionError(
                .invalidConfiguration,
                "rotationInterval needs a rotationGrace of a second or more, and is no shorter than it"
            )
        }
    }
}

extension SessionOptions {
    /// The options with what some of them mean for others.
    var resolved: SessionOptions {
        var options = self
        if rolling { options.touchWindow = .zero }
        return options
    }
}
