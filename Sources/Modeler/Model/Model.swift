/// A number that every write of a model increases by one. 0: never stored.
public typealias Revision = Int

/// A model as a store holds it: an id, a revision, times, and named fields whose values are JSON.
public struct Model: Sendable, Hashable {
    /// What names the model in its collection.
    public let id: ModelID

    /// The number of times the model was written; 0 when it never was.
    public var revision: Revision

    /// When the model was created, by the store's clock.
    public var created: Timestamp

    /// When the model was last written, by the store's clock.
    public var updated: Timestamp

    /// The fields. Values stay encoded until somebody asks for one.
    public var fields: Fields

    /// The model's limits and deadline; `nil` for a model that isn't stored yet.
    public var lifetime: Lifetime?

    /// Makes a model, as a store does when it has read one.
    public init(
        id: ModelID,
        revision: Revision,
        created: Timestamp,
        updated: Timestamp,
        fields: Fields,
        lifetime: Lifetime? = nil
    ) {
        self.id = id
        self.revision = revision
        self.created = created
        self.updated = updated
        self.fields = fields
        self.lifetime = lifetime
    }

    /// Two models are equal when they hold the same: the instant at which each was read does not count.
    public static func == (lhs: Model, rhs: Model) -> Bool {
        lhs.id == rhs.id && lhs.revision == rhs.revision && lhs.created == rhs.created && lhs.updated == rhs.updated
            && lhs.fields == rhs.fields
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(revision)
    }
}

/// A model to be stored for the first time.
public struct NewModel: Sendable {
    /// What will name it.
    public var id: ModelID

    /// Its fields, by name. A name may be any text; those that begin with `__` are save-only.
    public var fields: [(name: String, value: EncodedJSON)]

    /// Names this insertion, so that repeating it after a lost answer is answered, not refused.
    public var operation: OperationID

    /// Whether the insertion was asked for before and its answer was lost. Only then does a store look for
    /// ``operation`` among the writes of the model that is there.
    public var isRepeated: Bool

    /// Makes a model to be stored.
    public init(
        id: ModelID,
        fields: [(name: String, value: EncodedJSON)],
        operation: OperationID = OperationID(),
        isRepeated: Bool = false
    ) {
        self.id = id
        self.fields = fields
        self.operation = operation
        self.isRepeated = isRepeated
    }
}
