public import Logging

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

    /// The cookie of a request, made from the request and ``cookie``: another domain for another tenant, say. A request
    /// is matched against the name and path that it gives, so that it has to give the same ones for all requests of a
    /// session. `nil`: ``cookie`` for all requests.
    ///
    /// It runs at the beginning of every request; what it throws fails the request with
    /// ``SessionError/Code/invalidConfiguration``.
    public var cookieForRequest: (@Sendable (SessionRequest, SessionCookie) throws -> SessionCookie)?

    /// How long sessions live.
    public var timeouts = Timeouts()

    /// How tokens are made, sent and replaced.
    public var tokens = Tokens()

    /// What holds for the sessions of one user.
    public var users = Users()

    /// What is asked of the store, and what happens when it can't serve.
    public var store = Store()

    /// Whether every response to a stored session sends its cookie anew, and every request starts its idle timeout
    /// anew: a write for each request, in place of one for each ``Timeouts/renewalWindow``. The cookie is sent only
    /// where that write has confirmed that its token is the current one. Of two responses confirmed so, the one that
    /// reaches the browser last stays, also where that is the older one.
    public var rolling = false

    /// Makes the id of a new session from its request: 1 to 128 of the characters `A`-`Z`, `a`-`z`, `0`-`9`, `.`, `_`
    /// and `-`, and never the same one twice. Ids are no secrets and appear in logs and in the store's keys; a
    /// session's secret is always the library's own. `nil`: 16 random bytes.
    ///
    /// It runs for every request that brings no session; what is no id fails the request with
    /// ``SessionError/Code/invalidConfiguration``.
    public var makeID: (@Sendable (SessionRequest) -> String)?

    /// What becomes of a session that its request has dropped; see ``Session/drop()``.
    public var whenDropped: DroppedSessionPolicy = .destroy

    /// What happens to fields that two requests change at once, by name; the last writer wins for all others.
    public var conflictPolicies: [String: ConflictPolicy] = [:]

    /// What becomes of a request whose changes could not be stored at its end. Either way
    /// ``SessionEvent/changesLost(session:fields:reason:)`` tells.
    public var whenChangesAreLost: LostChangesPolicy = .report

    /// The version of what the app keeps in its sessions, and how to bring older ones up to it. A session of a newer
    /// version is detached here; see ``SessionSchema``.
    public var schema: SessionSchema = .none

    /// The proxies whose word on the client's use of TLS is believed.
    public var trustedProxies: TrustedProxies = .none

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
