extension FieldOperation {
    /// Whether the store makes the field's value, so that a ``Commit`` carries it.
    public var makesValue: Bool {
        switch self {
        case .set, .remove: false
        case .increment, .append, .setIfAbsent: true
        }
    }

    /// The operation with its value in memory of its own, for a store that keeps it: a value may be a slice of a larger
    /// buffer.
    public var detached: FieldOperation {
        switch self {
        case .set(let value): .set(value.detached)
        case .setIfAbsent(let value): .setIfAbsent(value.detached)
        case .remove, .increment, .append: self
        }
    }
}
