public import Modeler

/// Something that happened to a session: to it by its requests (``created(session:)``, ``signedIn(session:userID:)``,
/// ``ended(session:_:)``), or beside what they asked for.
public enum SessionEvent: Sendable, Hashable {
    /// A session was stored for the first time.
    case created(session: ModelID)
    /// A user has signed in.
    case signedIn(session: ModelID, userID: String)
    /// This manager has ended a session: `destroyed` by its own request, as with a sign-out, or `revoked`. One that
    /// expires is removed by the store, of which no manager hears; see
    /// ``SessionManager/endEvents(of:pollingEvery:)``.
    case ended(session: ModelID, SessionEnd)
    /// Two requests changed one field; the second one's policy decided, or, as `update`, ``Session/update(_:)`` ran
    /// again.
    case conflict(session: ModelID, field: String, policy: String)
    /// A session ended while a request was using it: nothing of that request was saved.
    case goneWhileInUse(session: ModelID)
    /// Somebody sent a token that another one had replaced, after its grace: the client that has the newer one, by a
    /// mistake of its own, or somebody who has stolen one of the two. The request got an empty session.
    case tokenReused(session: ModelID)
    /// A stored session could not be read; the request got an empty one.
    case unreadableSession(session: ModelID)
    /// A field's value was not of the type asked for; the request got the default.
    case unreadableField(session: ModelID, field: String)
    /// What a request had changed was not stored at its end: its session had ended, its token was replaced, or the
    /// session takes no part. `reason` says which. See ``SessionOptions/whenChangesAreLost``.
    case changesLost(session: ModelID, fields: [String], reason: String)
    /// Fields were changed after the response had left, as by a streamed body, and not saved by ``Session/save()``:
    /// these changes are lost.
    case changedTooLate(session: ModelID, fields: [String])
    /// Nothing was known any more of the user of a signed-in session: the store has lost the index of the user's
    /// sessions, as by an eviction, and with it what was revoked. A revocation before may have missed sessions of the
    /// user.
    case userIndexLost(session: ModelID)
    /// The store could not serve.
    case storeUnavailable(reason: String)
}
