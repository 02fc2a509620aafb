public import Modeler

extension SessionOptions {
    /// How long sessions live.
    public struct Timeouts: Sendable {
        /// The idle timeout: how long a session lives after its last use. 30 minutes unless set; `nil` for none.
        public var idle: Duration? = .seconds(30 * 60)

        /// The absolute timeout: how long a session lives after it began, however it is used. 12 hours unless set;
        /// `nil` for none.
        public var absolute: Duration? = .seconds(12 * 60 * 60)

        /// Both timeouts as one value.
        public var expiry: Expiry {
            get { Expiry(idle: idle, absolute: absolute) }
            set { (idle, absolute) = (newValue.idle, newValue.absolute) }
        }

        /// The timeouts of sessions that nobody has signed in to with ``Session/signIn(userID:device:since:)``; of
        /// these and ``expiry`` the shorter ones count. Set it where users stay for long, so that what robots leave
        /// behind isn't kept for as long. `nil`, the default: as ``expiry`` says.
        public var anonymous: Expiry?

        /// How far a session's deadline may lag behind before a request that only reads moves it: a write per window in
        /// place of one per request. `nil`: the larger of 60 seconds and a tenth of the idle timeout. Whatever is set,
        /// it is never more than a quarter of the session's own idle timeout, so that use always moves the deadline in
        /// time.
        public var renewalWindow: Duration?

        /// The defaults.
        public init() {}
    }
}
