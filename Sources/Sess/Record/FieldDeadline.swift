import Modeler

/// The deadline of a field that lives shorter than its session.
///
/// Stored beside the field as the save-only field `__until.<name>`, in milliseconds since 1970 on the store's clock. It
/// holds only while both were written by the same revision: whoever writes the field without a deadline ends it.
enum FieldDeadline {
    private static let prefix = ReservedField.deadlinePrefix

    /// The name of the field that holds the deadline of another.
    static func fieldName(_ name: String) -> String { prefix + name }

    /// Whether any field has a deadline; then each read has to look.
    static func areIn(_ fields: Fields) -> Bool {
        fields.containsSaveOnly(prefix: prefix)
    }

    /// The deadline of a field, or `nil` where it has none.
    static func of(_ field: Field, in fields: Fields) -> Timestamp? {
        guard let deadline = fields[fieldName(field.name)], deadline.revision == field.revision,
            let instant = StoredTime.read(deadline.value.bytes)
        else { return nil }
        return instant
    }

    /// The stored form of a deadline.
    static func encoded(_ deadline: Timestamp) -> EncodedJSON {
        EncodedJSON(unchecked: ArraySlice(String(StoredTime.nearest(deadline).milliseconds).utf8))
    }
}
