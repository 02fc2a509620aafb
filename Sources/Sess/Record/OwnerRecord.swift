import Modeler

/// Whose a session is: its save-only field ``fieldName``.
struct OwnerRecord: Sendable, Codable {
    /// The field of a session's model that holds the record.
    static let fieldName = ReservedField.owner

    /// The user's id.
    var user: String
    /// The user's epoch when they signed in.
    var epoch: OwnerEpoch
    /// When they signed in, in milliseconds since 1970 on the store's clock; `nil` for a session that began with it.
    var at: Int64?
    var device: SessionDevice?

    /// The user's id as stores take it.
    var owner: OwnerID {
        get throws(ModelError) { try OwnerID(user) }
    }

    /// The record of a model; `nil` where nobody is signed in.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the field is no record.
    static func read(_ model: Model) throws(ModelError) -> OwnerRecord? {
        try model.fields[fieldName]?.value.decode(OwnerRecord.self)
    }

    /// Whether operations name an owner: a sign-in.
    static func isWritten(by operations: [FieldChange]) -> Bool {
        operations.contains { $0.name == fieldName }
    }
}
