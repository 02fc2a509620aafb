import Modeler

/// The limits that sessions get unless they have their own.
struct SessionLimits: Sendable {
    /// While somebody is signed in.
    let signedIn: Expiry
    /// While nobody is: for each limit the shorter one.
    let anonymous: Expiry

    init(_ options: SessionOptions) {
        signedIn = options.timeouts.expiry
        guard let limits = options.timeouts.anonymous else {
            anonymous = options.timeouts.expiry
            return
        }
        anonymous = Expiry(
            idle: Self.shorter(options.timeouts.expiry.idle, limits.idle),
            absolute: Self.shorter(options.timeouts.expiry.absolute, limits.absolute)
        )
    }

    private static func shorter(_ first: Duration?, _ second: Duration?) -> Duration? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }
}
