import Modeler

/// What a change does to fields and takes for granted of them, while it is put together.
struct FieldWrites {
    private(set) var operations: [(name: String, operation: FieldOperation)] = []
    private(set) var expected: [Change.FieldRevision]
    /// The fields whose value after their operation, or before they are taken, is known without the store.
    var values: [Field] = []

    init(expecting expected: [Change.FieldRevision]) { self.expected = expected }

    mutating func append(_ name: String, _ operation: FieldOperation) {
        operations.append((name, operation))
    }

    /// Has the change apply only if a field is as it was read.
    mutating func expect(_ name: String, of fields: Fields) {
        expected.append(Change.FieldRevision(name: name, revision: fields.revision(of: name)))
    }

    func contains(_ name: String) -> Bool {
        operations.contains { $0.name.hasSameBytes(as: name) }
    }
}

extension SessionState {
    /// Writes that apply only in the session, and the section, that the request is in.
    func beginWrites(schema: SessionSchema) -> FieldWrites {
        var expected = [Change.FieldRevision(name: TokenRecord.fieldName, revision: tokenRevision)]
        if schema.version > 0 { expected.append(schemaRevision) }
        if let section { expected.append(section.expectation) }
        return FieldWrites(expecting: expected)
    }

    /// Writes a field, with its deadline or the end of the one it had.
    func write(_ entry: PendingChanges.Entry, to writes: inout FieldWrites) {
        writes.append(entry.name, entry.value.map(FieldOperation.set) ?? .remove)
        let deadline = entry.value == nil ? nil : entry.until ?? entry.lifetime.map { storeTime + $0 }
        if let deadline {
            writes.append(FieldDeadline.fieldName(entry.name), .set(FieldDeadline.encoded(deadline)))
        } else {
            endDeadline(of: entry.name, &writes)
        }
    }

    /// Has the store apply an operation.
    ///
    /// A field whose own deadline has passed is still in the record: for it the operation is carried out here, as on an
    /// absent one, and written only if nobody has written the field meanwhile. So is the removal of a field that is
    /// taken.
    func apply(_ operation: FieldOperation, to name: String, _ writes: inout FieldWrites) {
        guard !Field.isSaveOnly(name), let field = model.fields[name] else {
            // There is nothing to take.
            if Field.isSaveOnly(name) || operation != .remove { writes.append(name, operation) }
            return
        }
        switch operation {
        case .remove:
            guard !isOver(field) else { return }
            writes.values.append(field)
            writes.append(name, .remove)
        case .set, .increment, .append, .setIfAbsent:
            guard isOver(field), let begun = try? Fields().applying([(name, operation)], revision: 0).values.first
            else {
                writes.append(name, operation)
                // A field that is left as it was keeps its deadline.
                if case .setIfAbsent = operation { return }
                endDeadline(of: name, &writes)
                return
            }
            writes.values.append(begun)
            writes.append(name, .set(begun.value))
        }
        writes.expect(name, of: model.fields)
        endDeadline(of: name, &writes)
    }

    /// Removes the fields whose own deadline has passed, unless somebody has written them meanwhile.
    func sweep(_ writes: inout FieldWrites) {
        for field in fieldsThatAreOver where !writes.contains(field.name) {
            writes.append(field.name, .remove)
            writes.expect(field.name, of: model.fields)
        }
    }

    /// The change of the record as it was last read that makes these writes.
    func change(_ writes: FieldWrites, renewal: Change.Renewal) -> Change {
        Change(writes.operations, expecting: .fields(writes.expected), renewal: renewal, base: model.revision)
    }

    /// A field of the record as it was or as it is, unless its own deadline has passed by now.
    func liveField(_ name: String, in record: Model) -> Field? {
        guard let field = record.fields[name] else { return nil }
        if let deadline = FieldDeadline.of(field, in: record.fields), deadline <= storeTime { return nil }
        return field
    }

    private func endDeadline(of name: String, _ writes: inout FieldWrites) {
        let field = FieldDeadline.fieldName(name)
        if model.fields[field] != nil { writes.append(field, .remove) }
    }
}
