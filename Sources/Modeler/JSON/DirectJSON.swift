/// A type that is read and written as JSON without `Codable`.
protocol DirectJSON {
    /// Writes the value, which lies in `depth` arrays and objects.
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError)
    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> Self
}

extension JSONScanner {
    /// An error for a value that is JSON, but not what the type wants.
    func mismatch(_ type: Any.Type) -> ModelError {
        ModelError(.invalidJSON, "what is stored is no \(type), at byte \(position)")
    }

    /// Whether the next byte begins a number.
    var isAtNumber: Bool {
        current == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(current)
    }
}

extension String: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) { writer.write(self) }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> String {
        guard scanner.current == UInt8(ascii: "\"") else { throw scanner.mismatch(Self.self) }
        return try scanner.text(of: scanner.skipString())
    }
}

extension Bool: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) { try writer.write(.bool(self)) }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> Bool {
        switch scanner.current {
        case UInt8(ascii: "t"):
            try scanner.skipLiteral("true")
            return true
        case UInt8(ascii: "f"):
            try scanner.skipLiteral("false")
            return false
        default: throw scanner.mismatch(Self.self)
        }
    }
}

extension Double: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) { try writer.write(self) }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> Double {
        guard scanner.isAtNumber else { throw scanner.mismatch(Self.self) }
        let token = try scanner.skipNumber()
        guard let value = Double(scanner.literal(of: token)), value.isFinite else { throw scanner.mismatch(Self.self) }
        return value
    }
}

extension JSONValue: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) { try writer.write(self, depth: depth) }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> JSONValue {
        try scanner.takeValue(depth: depth)
    }
}

extension JSONObject: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) {
        try writer.write(.object(self), depth: depth)
    }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> JSONObject {
        guard case .object(let members) = try scanner.takeValue(depth: depth) else {
            throw scanner.mismatch(Self.self)
        }
        return members
    }
}

extension EncodedJSON: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) {
        // Anybody can make one of bytes that were never checked.
        try JSONScanner.scan(bytes, limits: .written) { (scanner) throws(ModelError) in
            try scanner.skipValue(depth: depth)
        }
        writer.write(raw: bytes)
    }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> EncodedJSON {
        let start = scanner.position
        scanner.hasDuplicates = false
        try scanner.skipValue(depth: depth)
        let bytes = ArraySlice(scanner.bytes[start..<scanner.position])
        return scanner.hasDuplicates
            ? try EncodedJSON(validating: bytes, limits: .stored) : EncodedJSON(unchecked: bytes)
    }
}
