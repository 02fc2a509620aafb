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

/// The result of a removal.
public enum RemoveOutcome: Sendable {
    /// The model was there, and this call removed it.
    case removed(WriteConfirmation)
    /// What the removal expected does not hold of the model as it is now, which comes along. It stays.
    case conflict(Model)
    /// The model isn't there: another removed it, it expired, or it never was.
    case gone
}

/// How far a write that was applied is known to last.
public enum WriteConfirmation: Sendable, Hashable {
    /// As far as the store is set to see to. Of a store that is set to nothing beyond its answer that is the answer.
    case confirmed
    /// The store is set to have copies of it, and not all have confirmed in time: should its master be lost now, the
    /// write may be undone.
    case unconfirmed

    /// What is known of two writes together.
    public func and(_ other: WriteConfirmation) -> WriteConfirmation {
        self == .confirmed ? other : .unconfirmed
    }
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

    /// How far the write is known to last, where ``Change/needsConfirmation`` asks for it.
    public var confirmation = WriteConfirmation.confirmed

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
