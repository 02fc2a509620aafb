/// An operation on one of a model's fields.
public struct FieldChange: Sendable, Hashable {
    /// The field's name.
    public var name: String

    /// The operation.
    public var operation: FieldOperation

    /// Makes a change of a field.
    public init(_ name: String, _ operation: FieldOperation) {
        self.name = name
        self.operation = operation
    }
}
