extension SessionOptions {
    /// What is asked of the store, and what happens when it can't serve.
    public struct Store: Sendable {
        /// What a request does when the store can't serve.
        public var whenDown: StoreDownPolicy = .fail

        /// How long a request may wait for the store in all, over all its calls; a call under way then is cancelled,
        /// and the request goes the way of ``whenDown``. `nil`: each call has the store's own deadline and no other.
        /// Costs two tasks for each call.
        public var deadline: Duration?

        /// The keys that seal every value before the store sees it; `nil` stores values in clear. Tokens are never
        /// stored either way. A session under a key that this server doesn't have is detached here; to change keys, see
        /// ``KeyRing``.
        public var encryptionKeys: KeyRing?

        /// The defaults.
        public init() {}
    }
}
