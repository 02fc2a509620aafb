import FoundationEssentials

extension EncodedJSON {
    /// Encodes a value.
    ///
    /// Texts, numbers, booleans, JSON values, and arrays, optionals and dictionaries of them take a short way;
    /// everything else goes through `JSONEncoder`, with its members sorted by name and its default strategies.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` with the type and the coding path, never the value.
    public init<Value: Encodable>(encoding value: Value) throws(ModelError) {
        if let direct = value as? any DirectJSON {
            var writer = JSONWriter()
            try direct.write(to: &writer)
            self.init(unchecked: writer.bytes[...])
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            self.init(unchecked: ArraySlice(try encoder.encode(value)))
        } catch {
            throw ModelError(.invalidJSON, "a \(Value.self) can't be encoded\(Self.place(of: error))")
        }
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
