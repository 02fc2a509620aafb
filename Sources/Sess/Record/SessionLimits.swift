import Modeler

/// The limits that sessions get unless they have their own.
struct SessionLimits: Sendable {
    /// While somebody is signed in.
    let signedIn: Expiry
    /// While nobody is: for each limit the shorter one.
    let anonymous: Expiry

    init(_ options: SessionOptions) {
        signedIn = options.limits
        guard let limits = options.anonymousLimits else {
            anonymous = options.limits
            return
        }
        anonymous = Expiry(
            idle: Self.shorter(options.limits.idle, limits.idle),
            absolute: Self.shorter(options.limits.absolute, limits.absolute)
        )
    }

    private static func shorter(_ first: Duration?, _ second: Duration?) -> Duration? {
        guard let first, let second else { return first ?? second }
        return min(first, second)
    }
}
