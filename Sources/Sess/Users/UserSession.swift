public import Modeler

/// One of a user's sessions, as a page that lists them shows it.
public struct UserSession: Sendable, Hashable, Identifiable {
    /// Names the session. It is no secret: knowing it gives nobody access.
    public let id: ModelID

    /// When the session began, by the store's clock.
    public let created: Timestamp

    /// When the user signed in.
    public let signedIn: Timestamp

    /// When the session was last used, to within ``SessionOptions/Timeouts/renewalWindow``.
    public let lastSeen: Timestamp

    /// The time until the session expires unless it is used before; `nil` for never.
    public let remaining: Duration?

    /// What the app recorded at sign-in.
    public let device: SessionDevice?

    /// Whether it is the session of a request.
    public func isCurrent(in session: Session) -> Bool { id == session.id }

    init(_ model: Model, _ record: OwnerRecord) {
        id = model.id
        created = model.created
        signedIn = record.at.map { Timestamp(milliseconds: $0) } ?? model.created
        device = record.device
        remaining = model.lifetime?.remaining
        // A renewal moves the deadline and leaves `updated`.
        var seen = model.updated
        if let lifetime = model.lifetime, let idle = lifetime.expiry.idle, let expires = lifetime.expires {
            let renewed: Timestamp = expires - idle
            seen = max(seen, renewed)
        }
        lastSeen = seen
    }
}

extension Timestamp {
    fileprivate static func - (instant: Timestamp, duration: Duration) -> Timestamp {
        instant + (.zero - duration)
    }
}
