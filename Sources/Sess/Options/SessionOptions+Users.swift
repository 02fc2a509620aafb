extension SessionOptions {
    /// What holds for the sessions of one user.
    public struct Users: Sendable {
        /// The most sessions that a user may be signed in to at once; `nil` for any number.
        public var maximumSessions: Int?

        /// What a sign-in does where the user has ``maximumSessions`` already.
        public var whenTooManySessions: TooManySessionsPolicy = .evictOldest

        /// How often a signed-in session is checked against its user's epoch.
        public var epochCheck: OwnerCheckPolicy = .onRenewal

        /// The defaults.
        public init() {}
    }
}
