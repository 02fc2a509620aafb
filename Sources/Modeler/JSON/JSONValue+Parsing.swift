extension JSONValue {
    /// Reads JSON text.
    ///
    /// Strict RFC 8259: one value, UTF-8 without a byte order mark, nothing after it but white space. Of two members
    /// with one name the last counts.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` with the offset of the byte that is wrong, or
    ///   ``ModelError/Code/tooLarge``.
    @inlinable
    public init(parsing bytes: some Collection<UInt8>, limits: JSONLimits = .default) throws(ModelError) {
        try self.init(parsingSlice: bytes.asSlice, limits: limits)
    }

    @usableFromInline
    init(parsingSlice bytes: ArraySlice<UInt8>, limits: JSONLimits) throws(ModelError) {
        self = try JSONScanner.scan(bytes, limits: limits) { (scanner) throws(ModelError) in
            try scanner.takeValue()
        }
    }

    /// Reads JSON text, as ``init(parsing:limits:)`` for bytes does.
    public init(parsing text: String, limits: JSONLimits = .default) throws(ModelError) {
        try self.init(parsing: text.utf8, limits: limits)
    }
}

extension Collection<UInt8> {
    /// The bytes as a slice of an array, without copying those of an array.
    @inlinable
    var asSlice: ArraySlice<UInt8> {
        (self as? ArraySlice<UInt8>) ?? (self as? [UInt8])?[...] ?? ArraySlice(self)
    }
}

extension JSONScanner {
    /// Runs a scanner from the first byte that isn't white space to the end of the text.
    static func scan<Value>(
        _ bytes: ArraySlice<UInt8>,
        limits: JSONLimits = .default,
        _ body: (inout JSONScanner) throws(ModelError) -> Value
    ) throws(ModelError) -> Value {
        try bytes.withUnsafeBufferPointer { (buffer) throws(ModelError) in
            var scanner = try JSONScanner(buffer, limits: limits)
            scanner.skipWhitespace()
            let value = try body(&scanner)
            try scanner.finish()
            return value
        }
    }

    /// Takes one value.
    mutating func takeValue(depth: Int = 0) throws(ModelError) -> JSONValue {
        switch current {
        case UInt8(ascii: "\""): return .string(try text(of: skipString()))
        case UInt8(ascii: "{"):
            var members = JSONObject()
            try skipMembers(depth: depth) { (scanner, name) throws(ModelError) in
                members[try scanner.text(of: name)] = try scanner.takeValue(depth: depth + 1)
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try skipElements(depth: depth) { (scanner) throws(ModelError) in
                elements.append(try scanner.takeValue(depth: depth + 1))
            }
            return .array(elements)
        case UInt8(ascii: "t"):
            try skipLiteral("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try skipLiteral("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try skipLiteral("null")
            return .null
        default:
            return number(of: try skipNumber())
        }
    }

    /// The number of a literal, in the form that is written as that very literal.
    private func number(of token: NumberToken) -> JSONValue {
        // "-0" is a number of its own, which `Int` doesn't have.
        if let integer = integer(of: token), integer != 0 || token.range.count == 1 { return .integer(integer) }
        let literal = literal(of: token)
        if !token.isIntegral, let value = Double(literal), value.isFinite, "\(value)" == literal {
            return .double(value)
        }
        return .number(literal)
    }
}
