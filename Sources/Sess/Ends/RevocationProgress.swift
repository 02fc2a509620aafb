/// How far ``SessionManager/revokeEverySession(except:progress:)`` has come.
public struct RevocationProgress: Sendable, Hashable {
    /// The sessions that the call itself has removed from the store. One that another has removed meanwhile, be it a
    /// request or a stream of ``SessionManager/endEvents(of:pollingEvery:)`` that has found it revoked, is gone all the
    /// same and not among them; so no session is counted twice.
    public var sessions = 0

    /// The users it has met whose sessions the store keeps an index of; one may be met more than once.
    public var users = 0
}
