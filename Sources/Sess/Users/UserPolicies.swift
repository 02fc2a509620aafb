/// What a sign-in does where the user has as many sessions as are allowed.
public enum TooManySessionsPolicy: Sendable, Hashable {
    /// It fails with ``SessionError/Code/tooManySessions``.
    case refuseNew
    /// The sessions that signed in longest ago end.
    case evictOldest
}

/// How often a signed-in session is checked against its user's epoch.
///
/// Every revocation removes the sessions' records before it returns, so that the very next request with one finds
/// nothing, whatever is set here. The check is for what a revocation could not finish because its process died or
/// lost the store in the middle.
public enum OwnerCheckPolicy: Sendable, Hashable {
    /// Whenever the session's deadline is to be moved: a revoked session whose record was left is served for one touch
    /// window after its last check at most. One round trip for each window. A session whose deadline can't move, for
    /// want of an idle limit or because the absolute one is near, is checked at every request.
    case onRenewal
    /// At every request, for one more round trip: nothing is served once the epoch has moved.
    case everyRequest
}
