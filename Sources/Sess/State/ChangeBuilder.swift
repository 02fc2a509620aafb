import Modeler

/// Collects the operations and preconditions of a change of a record.
struct ChangeBuilder {
    private let record: SessionRecord
    private(set) var operations: [FieldChange] = []
    private(set) var expected: [Change.FieldRevision] = []
    /// The fields whose value after their operation, or before they are taken, is known without the store.
    private(set) var values: [Field] = []

    /// Begins a change that applies only in the session that the request acts for: to the token of its client, to the
    /// schema that its fields are of, and within the lease that it holds.
    ///
    /// A session that was reached by its id expects no token.
    init(_ record: SessionRecord, client: ClientToken, schema: SessionSchema = .none) {
        self.record = record
        if case .notAsked = client {} else { expect(ReservedField.token) }
        if schema.version > 0 { expect(ReservedField.schema) }
        if let lease = record.lease { expected.append(lease.expectation) }
    }

    /// Begins a change that applies whatever has happened to the session's token.
    init(_ record: SessionRecord) { self.record = record }

    /// Adds an operation.
    mutating func append(_ name: String, _ operation: FieldOperation) {
        operations.append(FieldChange(name, operation))
    }

    /// Stores what is known of the tokens after a rotation.
    mutating func replaceToken(_ token: TokenRecord) {
        let encoded = token.encoded
        append(ReservedField.token, .set(encoded.token))
        if let former = encoded.former {
            append(ReservedField.formerToken, .set(former))
        } else if record.model.fields.contains(ReservedField.formerToken) {
            append(ReservedField.formerToken, .remove)
        }
    }

    /// Has the change apply only if a field is as it was read.
    mutating func expect(_ name: String) {
        expected.append(Change.FieldRevision(name: name, revision: record.model.fields.revision(of: name)))
    }

    /// Has the change apply only if a field isn't there.
    mutating func expectAbsence(of name: String) {
        expected.append(Change.FieldRevision(name: name, revision: 0))
    }

    /// Writes what the app has set or removed, with the field's own deadline or the end of the one it had.
    mutating func write(_ entry: PendingChanges.Entry) {
        append(entry.name, entry.value.map(FieldOperation.set) ?? .remove)
        let deadline = entry.value == nil ? nil : entry.until ?? entry.lifetime.map { record.storeTime + $0 }
        if let deadline {
            append(FieldDeadline.fieldName(entry.name), .set(FieldDeadline.encoded(deadline)))
        } else {
            endDeadline(of: entry.name)
        }
    }

    /// Has the store apply an operation.
    ///
    /// A field whose own deadline has passed is still in the record: for it the operation is carried out here, as on an
    /// absent one, and written only if nobody has written the field meanwhile. So is the removal of a field that is
    /// taken. An increment or an append keeps the field's deadline, as Redis's own commands do.
    mutating func apply(_ operation: FieldOperation, to name: String) {
        guard !Field.isSaveOnly(name), let field = record.model.fields[name] else {
            // There is nothing to take.
            if Field.isSaveOnly(name) || operation != .remove { append(name, operation) }
            return
        }
        switch operation {
        case .remove:
            guard !record.isExpired(field) else { return }
            values.append(field)
            append(name, .remove)
        case .set, .increment, .append, .setIfAbsent:
            guard record.isExpired(field),
                let begun = try? Fields().applying([.init(name, operation)], revision: 0).values.first
            else {
                applyToLive(operation, field)
                return
            }
            values.append(begun)
            append(name, .set(begun.value))
        }
        expect(name)
        endDeadline(of: name)
    }

    private mutating func applyToLive(_ operation: FieldOperation, _ field: Field) {
        append(field.name, operation)
        switch operation {
        case .set, .remove: endDeadline(of: field.name)
        // A field that is left as it was keeps its deadline.
        case .setIfAbsent: return
        case .increment, .append:
            // A deadline holds for the revision that wrote it: it is written again beside the value.
            guard let deadline = record.deadline(of: field) else { return }
            append(FieldDeadline.fieldName(field.name), .set(FieldDeadline.encoded(deadline)))
            expect(field.name)
        }
    }

    /// Removes the fields whose own deadline has passed, unless somebody has written them meanwhile.
    mutating func sweep() {
        for field in record.expiredFields where !contains(field.name) {
            append(field.name, .remove)
            expect(field.name)
        }
    }

    /// Sets or removes one of the library's marks; `nil` leaves it as it was.
    mutating func mark(_ name: String, _ isSet: Bool?, was wasSet: @autoclosure () -> Bool) {
        guard let isSet, isSet != wasSet() else { return }
        append(name, isSet ? .set(ReservedField.yes) : .remove)
    }

    private func contains(_ name: String) -> Bool {
        operations.contains { $0.name.hasSameBytes(as: name) }
    }

    private mutating func endDeadline(of name: String) {
        guard record.hasDeadlines else { return }
        let field = FieldDeadline.fieldName(name)
        if record.model.fields.contains(field) { append(field, .remove) }
    }

    /// The change.
    func change(renewal: Change.Renewal) -> Change {
        Change(operations, expecting: .fields(expected), renewal: renewal, base: record.model.revision)
    }
}
