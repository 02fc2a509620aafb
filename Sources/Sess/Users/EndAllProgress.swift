/// How far ``SessionManager/endAll(except:progress:)`` has come.
public struct EndAllProgress: Sendable, Hashable {
    /// The sessions that it has ended.
    public var sessions = 0

    /// The users it has met whose sessions the store keeps an index of; one may be met more than once.
    public var users = 0
}
