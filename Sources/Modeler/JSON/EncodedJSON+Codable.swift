import FoundationEssentials

extension EncodedJSON {
    /// Encodes a value.
    ///
    /// Texts, numbers, booleans, JSON values, and arrays, sets, optionals and dictionaries of them take a short way;
    /// everything else goes through `JSONEncoder`, with its members sorted by name and its default strategies.
    ///
    /// Equal values have equal bytes, so that one which is put back unchanged is no change: a set's elements are in the
    /// order of their bytes. Not so a set, or a dictionary whose keys become an array, inside a type of one's own:
    /// `JSONEncoder` writes those in the order in which Swift iterates over them, which may differ between equal ones.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` with the type and the coding path, never the value; also for what is
    ///   nested deeper than ``JSONLimits/deepest``.
    public init<Value: Encodable>(encoding value: Value) throws(ModelError) {
        if let direct = value as? any DirectJSON {
            var writer = JSONWriter()
            try direct.write(to: &writer, depth: 0)
            self.init(unchecked: writer.bytes[...])
            return
        }
        if let set = value as? any EncodableSet {
            var writer = JSONWriter()
            writer.write(sorted: try set.encodedElements())
            self = try EncodedJSON(validating: writer.bytes, limits: .written)
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do {
            bytes = Array(try encoder.encode(value))
        } catch {
            throw ModelError(.invalidJSON, "a \(Value.self) can't be encoded\(Self.place(of: error))")
        }
        // `JSONEncoder` has no limit of depth.
        try self.init(validating: bytes, limits: .written)
    }

    /// Decodes the value into a type, the way ``init(encoding:)`` went.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` with the type and the coding path, never the value.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(ModelError) -> Value {
        if let direct = Value.self as? any DirectJSON.Type {
            let value = try JSONScanner.scan(bytes, limits: .stored) { (scanner) throws(ModelError) in
                try direct.read(from: &scanner, depth: 0)
            }
            if let value = value as? Value { return value }
        }
        // `JSONDecoder` takes the first of several members with one name, where every reader here takes the last.
        let bytes = try EncodedJSON(validating: bytes, limits: .stored).bytes
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw ModelError(.invalidJSON, "what is stored is no \(Value.self)\(Self.place(of: error))")
        }
    }

    /// Where in a value an error lies. The error itself is left out: its description may hold parts of the value.
    private static func place(of error: any Error) -> String {
        let path: [any CodingKey]
        switch error {
        case EncodingError.invalidValue(_, let context): path = context.codingPath
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
            path = context.codingPath
        default: return ""
        }
        let missing =
            if case DecodingError.keyNotFound(let key, _) = error { ": '\(key.stringValue)' is missing" } else { "" }
        guard !path.isEmpty else { return missing }
        return " at '\(path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."))'\(missing)"
    }
}
