/// What came of an insertion.
public enum InsertOutcome: Sendable {
    /// The model is stored, at revision 1.
    case inserted(Commit)
    /// The id is taken, by this model. Nothing was changed.
    case exists(Model)
}

/// What came of a change.
public enum CommitOutcome: Sendable {
    /// The change is applied.
    case committed(Commit)
    /// What the change expected does not hold of the model as it is now, which comes along. Nothing was changed.
    case conflict(Model)
    /// The model isn't there: it was removed, it expired, or it never was. Nothing was created.
    case gone
}

/// A write that was applied.
public struct Commit: Sendable {
    /// The revision that the write gave the model, and each field it wrote.
    public var revision: Revision

    /// When the model was created, by the store's clock.
    public var created: Timestamp

    /// When the write was applied, by the store's clock.
    public var updated: Timestamp

    /// The model's limits and deadline after the write.
    public var lifetime: Lifetime

    /// The fields that operations other than set and remove were applied to, as they are afterwards. For a repeated
    /// change that had been applied already they are those of now, which other writers may have moved since.
    public var values: [Field]

    /// Makes a commit.
    public init(
        revision: Revision,
        created: Timestamp,
        updated: Timestamp,
        lifetime: Lifetime,
        values: [Field] = []
    ) {
        self.revision = revision
        self.created = created
        self.updated = updated
        self.lifetime = lifetime
        self.values = values
    }
}
