extension Fields {
    /// The result of applying operations.
    public struct Applied: Sendable {
        /// The fields afterwards.
        public var fields: Fields
        /// The fields that were incremented, appended to, or set if absent, as they are afterwards.
        public var values: [Field]
    }

    /// Applies operations, all or none, and gives each written field a revision.
    ///
    /// Pure, for any store that can run Swift where it writes. Some of a model's fields suffice, those that the
    /// operations name among them. A field that ``FieldOperation/setIfAbsent(_:)``
    /// leaves alone keeps its revision. Takes time linear in fields and operations.
    ///
    /// - Throws: ``ModelError/Code/invalidChange`` where an operation doesn't fit the value that is there.
    public func applying(
        _ operations: [FieldChange],
        revision: Revision
    ) throws(ModelError) -> Applied {
        try applying(operations, revision: revision, detaches: false)
    }

    /// - Parameter detaches: Whether each written value gets memory of its own, for a store that keeps it: it may be a
    ///   slice of a larger buffer.
    func applying(
        _ operations: [FieldChange],
        revision: Revision,
        detaches: Bool
    ) throws(ModelError) -> Applied {
        var table = FieldTable(self, operations: operations.count)
        var values: [Field] = []
        for entry in operations {
            let (name, operation) = (entry.name, entry.operation)
            let position = table.position(of: name)
            let field = position.flatMap { table.field(at: $0) }
            let old = field?.value
            let new: EncodedJSON
            switch operation {
            case .set(let value): new = detaches ? value.detached : value
            case .remove:
                if let position { table.remove(at: position) }
                continue
            case .increment(let amount): new = try Self.increment(old, by: amount)
            case .append(let element, let maximum): new = try Self.append(element, to: old, maximum: maximum)
            case .setIfAbsent(let value):
                if let field {
                    values.append(field)
                    continue
                }
                new = detaches ? value.detached : value
            }
            let written = Field(name: name, value: new, revision: revision)
            if case .set = operation {} else { values.append(written) }
            table.write(written, at: position)
        }
        return Applied(fields: table.result, values: values)
    }

    /// The sum of an integer literal and an amount; a missing value counts as 0.
    package static func increment(_ old: EncodedJSON?, by amount: Int) throws(ModelError) -> EncodedJSON {
        let range = FieldOperation.incrementRange
        var number = 0
        if let old {
            guard let text = String(validating: old.bytes, as: UTF8.self), let value = Int(text), text.first != "+"
            else {
                throw ModelError(.invalidChange, "what is to be incremented is no integer")
            }
            number = value
        }
        let (sum, overflow) = number.addingReportingOverflow(amount)
        guard range.contains(number), range.contains(amount), !overflow, range.contains(sum) else {
            throw ModelError(.invalidChange, "an increment starts and ends within ±(2⁵³ − 1)")
        }
        return EncodedJSON(unchecked: ArraySlice(String(sum).utf8))
    }

    /// An array with one more element at its end and the last `maximum` of all; a missing array counts as empty.
    package static func append(
        _ element: EncodedJSON,
        to old: EncodedJSON?,
        maximum: Int
    ) throws(ModelError) -> EncodedJSON {
        guard maximum > 0 else { throw ModelError(.invalidChange, "an append keeps at least 1 element") }
        var kept: ArraySlice<ArraySlice<UInt8>> = []
        if let old {
            guard old.bytes.first == UInt8(ascii: "[") else {
                throw ModelError(.invalidChange, "what is to be appended to is no array")
            }
            kept = try old.elements().suffix(maximum - 1)
        }
        var writer = JSONWriter()
        writer.write(raw: UInt8(ascii: "["))
        for piece in kept {
            writer.write(raw: piece)
            writer.write(raw: UInt8(ascii: ","))
        }
        writer.write(raw: element.bytes)
        writer.write(raw: UInt8(ascii: "]"))
        return EncodedJSON(unchecked: writer.bytes[...])
    }
}

extension EncodedJSON {
    /// The bytes of an array's elements.
    fileprivate func elements() throws(ModelError) -> [ArraySlice<UInt8>] {
        var elements: [ArraySlice<UInt8>] = []
        try JSONScanner.scan(bytes, limits: .stored) { (scanner) throws(ModelError) in
            try scanner.skipElements(depth: 0) { (scanner) throws(ModelError) in
                let start = bytes.startIndex + scanner.position
                try scanner.skipValue(depth: 1)
                elements.append(bytes[start..<(bytes.startIndex + scanner.position)])
            }
        }
        return elements
    }
}

/// Fields under change, found by scanning while few and by hashing when many.
private struct FieldTable {
    private var fields: [Field]
    private var removed: Set<Int> = []
    private var positions: [ByteName: Int]?

    init(_ fields: Fields, operations: Int) {
        self.fields = fields.elements
        if (fields.count + operations) * operations > 4096 {
            positions = Dictionary(
                fields.enumerated().map { (ByteName($1.name), $0) },
                uniquingKeysWith: { first, _ in first }
            )
        }
    }

    /// The fields that are left.
    var result: Fields {
        removed.isEmpty ? Fields(fields) : Fields(fields.indices.filter { !removed.contains($0) }.map { fields[$0] })
    }

    /// The position of a field, also of one that was removed.
    func position(of name: String) -> Int? {
        guard let positions else { return fields.firstIndex { $0.name.hasSameBytes(as: name) } }
        return positions[ByteName(name)]
    }

    func field(at position: Int) -> Field? {
        !removed.isEmpty && removed.contains(position) ? nil : fields[position]
    }

    mutating func remove(at position: Int) {
        removed.insert(position)
    }

    mutating func write(_ field: Field, at position: Int?) {
        if let position {
            fields[position] = field
            if !removed.isEmpty { removed.remove(position) }
        } else {
            positions?[ByteName(field.name)] = fields.count
            fields.append(field)
        }
    }
}
