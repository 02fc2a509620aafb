public import Modeler

/// A session as a store's listing shows it.
public struct StoredSession: Sendable, Hashable, Identifiable {
    /// Names the session. It is no secret: knowing it gives nobody access.
    public let id: ModelID

    /// Names the user who is signed in; `nil` for nobody.
    public let userID: String?

    /// When the session began, by the store's clock.
    public let created: Timestamp

    /// When the session was last written, by the store's clock.
    public let updated: Timestamp

    /// The time until the session expires unless it is used before; `nil` for never.
    public let remaining: Duration?

    init(_ model: Model) {
        id = model.id
        userID = (try? OwnerRecord.read(model))??.user
        created = model.created
        updated = model.updated
        remaining = model.lifetime?.remaining
    }
}

/// A part of a listing of all sessions.
public struct StoredSessionPage: Sendable {
    /// Sessions in no order; perhaps none, where more follow all the same.
    public let sessions: [StoredSession]

    /// Where the next part begins; `nil` at the end.
    public let next: PageCursor?
}
