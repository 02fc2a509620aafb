public import Logging
public import Modeler

/// What a ``SessionManager`` does where the app has not said otherwise.
public struct SessionOptions: Sendable {
    /// What a request does when the store can't serve.
    public enum StoreDownPolicy: Sendable, Hashable {
        /// It fails with ``SessionError/Code/storeUnavailable``, for a 503. The default.
        case fail
        /// What can be read is served and what would have to be written is refused, as while a failover leaves a store
        /// that takes no writes. A request that only reads goes on even where the library itself has something to
        /// write: a migration, a check against the user's epoch, the end of a session whose token was reused. One that
        /// changes its session, and one whose session can't even be read, fails as with ``fail``: it is never taken for
        /// one without a session.
        case readOnly
        /// It goes on with an empty session that is never saved and for which no cookie is ever sent.
        case anonymous
    }

    /// What happens when a token that was replaced turns up again.
    public enum ReusedTokenPolicy: Sendable, Hashable {
        /// ``SessionEvent/tokenReused(session:)`` is reported. The default.
        case report
        /// It is reported, and the session ends: if the token was stolen, whoever has the newer one may be the thief.
        /// A client that has missed the response with its new token ends its own session that way.
        case endSession
    }

    /// What becomes of a request whose changes could not be stored at its end, because its session had ended or its
    /// token was replaced meanwhile.
    public enum LostChangesPolicy: Sendable, Hashable {
        /// ``SessionEvent/changesLost(session:fields:reason:)`` is reported, and the response leaves as it is. The
        /// default.
        case report
        /// It is reported, and the request fails with the error that an explicit save would throw: 409 for a session
        /// that has ended or whose token was replaced.
        case fail
    }

    /// The cookie's name and attributes.
    public var cookie: SessionCookie = .standard

    /// Names the system of sessions. A token of one system is none in another, even where both keep their sessions in
    /// one store: whoever is user 1 among the visitors is nobody among the administrators. All servers of a system say
    /// the same. `nil`: the name of ``cookie``, and its path where that isn't `/`. Where the name changes, the tokens
    /// that clients hold are good for nothing.
    public var systemName: String?

    /// The cookie of a request, made from the request and ``cookie``: another domain for another tenant, say. A request
    /// is matched against the name and path that it gives, so that it has to give the same ones for all requests of a
    /// session. `nil`: ``cookie`` for all requests.
    ///
    /// It runs at the beginning of every request; what it throws fails the request with
    /// ``SessionError/Code/invalidConfiguration``.
    public var cookieForRequest: (@Sendable (SessionRequest, SessionCookie) throws -> SessionCookie)?

    /// Whether every response to a stored session sends its cookie anew, and every request starts its idle limit anew:
    /// a write for each request, in place of one for each ``touchWindow``. The cookie is sent only where that write has
    /// confirmed that its token is the current one. Of two responses confirmed so, the one that reaches the browser
    /// last stays, also where that is the older one.
    public var rolling = false

    /// The keys that sign tokens, so that a forged one is recognized without asking the store; `nil` for none. A token
    /// that was handed out without a signature is refused once there are keys. One with a signature of a key that this
    /// server doesn't have gives a detached session and stays with its client. To change keys, see ``SigningKeys``.
    public var signingKeys: SigningKeys?

    /// Makes the id of a new session from its request: 1 to 128 of the characters `A`-`Z`, `a`-`z`, `0`-`9`, `.`, `_`
    /// and `-`, and never the same one twice. Ids are no secrets and appear in logs and in the store's keys; a session's
    /// secret is always the library's own. `nil`: 16 random bytes.
    ///
    /// It runs for every request that brings no session; what is no id fails the request with
    /// ``SessionError/Code/invalidConfiguration``.
    public var makeID: (@Sendable (SessionRequest) -> String)?

    /// What becomes of a session that its request has dropped; see ``Session/drop()``.
    public var whenDropped: DroppedSessionPolicy = .destroy

    /// How clients may carry their tokens, the preferred way first: a new session's token is sent that way. A client
    /// that sends one otherwise gets its next one the same way.
    public var transports: [SessionTransport] = [.cookie]

    /// How long sessions live: 30 minutes after their last use, 12 hours after they began.
    public var limits = Expiry(idle: .seconds(30 * 60), absolute: .seconds(12 * 60 * 60))

    /// How long sessions live at most while nobody has signed in with ``Session/signIn(userID:device:since:)``; of
    /// these and ``limits`` the shorter ones count. Set it where users stay for long, so that what robots leave behind
    /// isn't kept for as long. `nil`, the default: as ``limits`` say.
    public var anonymousLimits: Expiry?

    /// After how long a token is replaced by itself, with the next response; `nil` for never. A write for each session
    /// and interval. Tokens that came as ``SessionTransport/bearer`` stay, since no response can bring another one.
    public var rotationInterval: Duration?

    /// How long a token that was replaced by ``rotationInterval`` is still accepted, for requests that carry it
    /// already: they are part of the same session. A client that misses the one response with its new token for this
    /// long is out. It also is how long a token may turn up without being a case for ``whenTokenReused`` after it was
    /// replaced without a grace, as by a sign-in: it gives no access then, and its request an empty session that is
    /// never stored and gets no cookie, so that a request under way doesn't take the new token from its client.
    public var rotationGrace: Duration = .seconds(30)

    /// What happens when a token turns up again after it was replaced and its grace is over. The last one of each
    /// session is recognized. The request gets an empty session in any case, and an event tells.
    public var whenTokenReused: ReusedTokenPolicy = .report

    /// How far a session's deadline may lag behind before a request that only reads moves it: a write per window in
    /// place of one per request. `nil`: the larger of 60 seconds and a tenth of the idle limit. Whatever is set, it is
    /// never more than a quarter of the session's own idle limit, so that use always moves the deadline in time.
    public var touchWindow: Duration?

    /// What a request does when the store can't serve.
    public var storeDown: StoreDownPolicy = .fail

    /// How long a request may wait for the store in all, over all its calls; a call under way then is cancelled, and
    /// the request goes the way of ``storeDown``. `nil`: each call has the store's own deadline and no other. Costs two
    /// tasks for each call.
    public var storeDeadline: Duration?

    /// What happens to fields that two requests change at once, by name; the last writer wins for all others.
    public var conflictPolicies: [String: ConflictPolicy] = [:]

    /// What becomes of a request whose changes could not be stored at its end. Either way
    /// ``SessionEvent/changesLost(session:fields:reason:)`` tells.
    public var whenChangesAreLost: LostChangesPolicy = .report

    /// The most sessions that a user may be signed in to at once; `nil` for any number.
    public var maximumSessionsPerUser: Int?

    /// What a sign-in does where the user has ``maximumSessionsPerUser`` already.
    public var whenTooManySessions: TooManySessionsPolicy = .evictOldest

    /// The version of what the app keeps in its sessions, and how to bring older ones up to it. A session of a newer
    /// version is detached here; see ``SessionSchema``.
    public var schema: SessionSchema = .none

    /// How often a signed-in session is checked against its user's epoch.
    public var ownerCheck: OwnerCheckPolicy = .onRenewal

    /// The proxies whose word on the client's use of TLS is believed.
    public var trustedProxies: TrustedProxies = .none

    /// The keys that seal every value before the store sees it; `nil` stores values in clear. Tokens are never stored
    /// either way. A session under a key that this server doesn't have is detached here; to change keys, see
    /// ``KeyRing``.
    public var encryptionKeys: KeyRing?

    /// The most bytes of a session's names and values together. A write that would make the session larger than that is
    /// refused, with ``SessionError/Code/tooLarge``; one that makes it no larger is not, also where it is larger
    /// already. Each request checks what it knows: requests that write at the same moment may exceed the limit
    /// together.
    public var maximumBytes = 64 * 1024

    /// The most fields of a session, save-only ones left out; checked as ``maximumBytes`` are. Each lookup of a field
    /// goes through all of them.
    public var maximumFields = 512

    /// Where the manager logs. Ids and field names appear there; tokens, cookies and values never.
    public var logger = Logger(label: "sess")

    /// Hears of what happens to sessions beside the requests that ask for it. Called from any task; return soon.
    public var onEvent: (@Sendable (SessionEvent) -> Void)?

    /// The defaults.
    public init() {}
}
