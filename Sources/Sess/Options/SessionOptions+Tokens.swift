extension SessionOptions {
    /// How tokens are made, sent and replaced.
    public struct Tokens: Sendable {
        /// The namespace that tokens are valid in. A token of one namespace is none in another, even where both keep
        /// their sessions in one store: whoever is user 1 among the visitors is nobody among the administrators. All
        /// servers of a system have the same. `nil`: the name of ``SessionOptions/cookie``, and its path where that
        /// isn't `/`. Changing the namespace invalidates every issued token.
        public var namespace: String?

        /// The keys that sign tokens, so that a forged one is recognized without asking the store; `nil` for none. A
        /// token that was handed out without a signature is refused once there are keys. One with a signature of a key
        /// that this server doesn't have gives a detached session and stays with its client. To change keys, see
        /// ``SigningKeys``.
        public var signingKeys: SigningKeys?

        /// How clients may carry their tokens, the preferred way first: a new session's token is sent that way. A
        /// client that sends one otherwise gets its next one the same way.
        public var transports: [SessionTransport] = [.cookie]

        /// After how long a token is replaced by itself, with the next response; `nil` for never. A write for each
        /// session and interval. Tokens that came as ``SessionTransport/bearer`` stay, since no response can bring
        /// another one.
        public var rotationInterval: Duration?

        /// How long a token that was replaced by ``rotationInterval`` is still accepted, for requests that carry it
        /// already: they are part of the same session. A client that doesn't receive its new token within
        /// this time loses the session. Within it a token that was replaced without a grace, as by a sign-in, counts as
        /// a late request and not as reuse: it gives no access then, and its request an empty session that is
        /// never stored and gets no cookie, so that a request under way doesn't take the new token from its client.
        public var rotationGrace: Duration = .seconds(30)

        /// What happens when a token turns up again after it was replaced and its grace is over. The last one of each
        /// session is recognized. The request gets an empty session in any case, and an event tells.
        public var whenReused: ReusedTokenPolicy = .report

        /// The defaults.
        public init() {}
    }
}
