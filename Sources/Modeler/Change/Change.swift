/// One write of a stored model: what it does to fields, what it takes for granted, and what it does to the deadline.
public struct Change: Sendable {
    /// What must be true of the stored model for the change to apply.
    public enum Expectation: Sendable, Hashable {
        /// The model is there: the last writer of a field wins.
        case nothing
        /// The model still has this revision.
        case revision(Revision)
        /// Each named field was last written by the revision beside it; 0 stands for a field that isn't there.
        /// The fields need not be among those the change writes.
        case fields([FieldRevision])
    }

    /// A field's name and the revision that wrote it.
    public struct FieldRevision: Sendable, Hashable {
        /// The field's name.
        public var name: String
        /// The revision that wrote the field, or 0 for absent.
        public var revision: Revision

        /// Makes a pair.
        public init(name: String, revision: Revision) {
            self.name = name
            self.revision = revision
        }
    }

    /// What a change does to the model's deadline.
    public enum Renewal: Sendable, Hashable {
        /// The deadline stays.
        case keep
        /// The idle limit starts anew.
        case touch
        /// The model gets these limits, the idle one from now, the absolute one from its creation.
        case replace(Expiry)
    }

    /// What is done to which fields, in order; a name occurs once.
    public var operations: [FieldChange]

    /// What must be true for the change to apply.
    public var expecting: Expectation

    /// What is done to the deadline.
    public var renewal: Renewal

    /// A revision that the model is known to have reached before this change was first asked for. It bounds how far
    /// back a store must look to tell whether a repeated change was applied; 0 when nothing is known.
    public var base: Revision

    /// Names this change, so that repeating it after a lost answer applies it once.
    public var operation: OperationID

    /// Whether the change was asked for before and its answer was lost. Only then does a store look for
    /// ``operation`` among the model's last writes.
    public var isRepeated: Bool

    /// Whether the change ends or hands over somebody's access, so that it is worth to wait for copies of it where the
    /// store is set to do so. A removal always is.
    public var needsConfirmation = false

    /// Makes a change.
    public init(
        _ operations: [FieldChange] = [],
        expecting: Expectation = .nothing,
        renewal: Renewal = .touch,
        base: Revision = 0,
        operation: OperationID = OperationID(),
        isRepeated: Bool = false
    ) {
        self.operations = operations
        self.expecting = expecting
        self.renewal = renewal
        self.base = base
        self.operation = operation
        self.isRepeated = isRepeated
    }
}
