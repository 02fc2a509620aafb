import Modeler

/// The limits of a session's size.
extension SessionMachine {
    /// Whether a field of this name may be set without exceeding the number of fields.
    func hasRoom(for name: String, maximum: Int) -> Bool {
        changes.pending.hasRoom(
            for: name, on: fields, maximum: maximum, isRefusing: changes.fault?.code == .tooLarge)
    }

    /// Checks that a write leaves a session that isn't larger than it may be, or that was larger before.
    ///
    /// - Throws: ``SessionError/Code/tooLarge``.
    func checkSize(with operations: [FieldChange], _ limits: SizeLimits) throws(SessionError) {
        for entry in operations where entry.operation.makesValue {
            guard Field.isSaveOnly(entry.name) || hasRoom(for: entry.name, maximum: limits.maximumFields) else {
                throw SessionError(tooManyFieldsIn: model.id, maximum: limits.maximumFields)
            }
        }
        if changes.pending.isEmpty && operations.allSatisfy({ Field.isSaveOnly($0.name) }) { return }
        let bound = operations.reduce(byteCountBound) { $0 + $1.name.utf8.count + $1.operation.byteCountBound }
        if bound <= limits.maximumBytes { return }
        try check(operations.reduce(visibleByteCount) { $0 + growth(by: $1) }, limits)
    }

    /// Checks the size that a session would have.
    private func check(_ size: Int, _ limits: SizeLimits) throws(SessionError) {
        guard size <= limits.maximumBytes || size <= storedByteCount else {
            throw SessionError(
                .tooLarge,
                "\(model.id) would hold \(size) bytes; at most \(limits.maximumBytes) are accepted (maximumBytes)"
            )
        }
    }

    /// No fewer than the bytes of the fields as the request sees them, and found faster.
    private var byteCountBound: Int {
        fields.byteCount + changes.pending.byteCount
    }

    /// The bytes of the fields as the request sees them.
    private var visibleByteCount: Int {
        visibleFields.reduce(0) { $0 + $1.name.utf8.count + $1.value.bytes.count }
    }

    /// The bytes of the fields as they are stored.
    private var storedByteCount: Int {
        guard case .stored(let record) = phase else { return 0 }
        return record.model.fields.reduce(0) { sum, field in
            Field.isSaveOnly(field.name) || record.isExpired(field) ? sum : sum + field.byteCount
        }
    }

    /// By how many bytes an operation makes the session larger. One that can't be applied is the store's to refuse.
    private func growth(by operation: FieldChange) -> Int {
        guard !Field.isSaveOnly(operation.name) else { return 0 }
        let before = Fields(
            value(of: operation.name).map { [Field(name: operation.name, value: $0, revision: 0)] } ?? [])
        guard let applied = try? before.applying([operation], revision: 1) else { return 0 }
        return applied.fields.byteCount - before.byteCount
    }
}

/// How large a session may be.
struct SizeLimits: Sendable {
    /// The most bytes of names and values together.
    var maximumBytes: Int
    /// The most fields.
    var maximumFields: Int
}

extension PendingChanges {
    /// Whether one more field is allowed on top of those stored, or this is none more.
    ///
    /// What a client makes the app set must be refused before it takes time: fields are counted one by one only where
    /// there may be room.
    ///
    /// - Parameter isRefusing: Whether another one was refused before.
    func hasRoom(for name: String, on stored: Fields, maximum: Int, isRefusing: Bool) -> Bool {
        if stored.count + entries.count < maximum || stored.contains(name) || self[name] != nil { return true }
        if isRefusing { return false }
        var names = Set(stored.lazy.map(\.name).filter { !Field.isSaveOnly($0) }.map(ByteName.init))
        for entry in entries {
            if entry.value == nil { names.remove(ByteName(entry.name)) } else { names.insert(ByteName(entry.name)) }
        }
        return names.count < maximum
    }

    /// By how many bytes at most the changes make fields larger.
    var byteCount: Int { entries.reduce(0) { $0 + $1.byteCount } }
}

extension PendingChanges.Entry {
    /// The bytes of name and value.
    var byteCount: Int { name.utf8.count + (value?.bytes.count ?? 0) }
}

extension Field {
    fileprivate var byteCount: Int { name.utf8.count + value.bytes.count }
}

extension FieldOperation {
    /// No fewer than the bytes by which the operation makes a value longer.
    fileprivate var byteCountBound: Int {
        switch self {
        case .remove: 0
        // The longest integer that an increment makes.
        case .increment: 17
        // Beside the element a comma, or the brackets of a new array.
        case .append(let element, _): element.bytes.count + 2
        case .set(let value), .setIfAbsent(let value): value.bytes.count
        }
    }
}

extension SessionError {
    /// A session can't have one more field.
    init(tooManyFieldsIn id: ModelID, maximum: Int, fileID: StaticString = #fileID, line: UInt = #line) {
        self.init(
            .tooLarge, "\(id) would have more than \(maximum) fields (maximumFields)", fileID: fileID, line: line)
    }
}
