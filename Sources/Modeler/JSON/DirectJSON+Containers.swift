extension Optional: DirectJSON where Wrapped: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) {
        if let self { try self.write(to: &writer, depth: depth) } else { try writer.write(.null) }
    }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> Wrapped? {
        guard scanner.current == UInt8(ascii: "n") else { return try Wrapped.read(from: &scanner, depth: depth) }
        try scanner.skipLiteral("null")
        return nil
    }
}

extension Array: DirectJSON where Element: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) {
        try writer.enter(depth)
        writer.write(raw: UInt8(ascii: "["))
        for (index, element) in enumerated() {
            if index > 0 { writer.write(raw: UInt8(ascii: ",")) }
            try element.write(to: &writer, depth: depth + 1)
        }
        writer.write(raw: UInt8(ascii: "]"))
    }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> [Element] {
        guard scanner.current == UInt8(ascii: "[") else { throw scanner.mismatch(Self.self) }
        var elements: [Element] = []
        try scanner.skipElements(depth: depth) { (scanner) throws(ModelError) in
            elements.append(try Element.read(from: &scanner, depth: depth + 1))
        }
        return elements
    }
}

extension Dictionary: DirectJSON where Key == String, Value: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) {
        try writer.enter(depth)
        writer.write(raw: UInt8(ascii: "{"))
        for (index, member) in self.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { writer.write(raw: UInt8(ascii: ",")) }
            writer.write(member.key)
            writer.write(raw: UInt8(ascii: ":"))
            try member.value.write(to: &writer, depth: depth + 1)
        }
        writer.write(raw: UInt8(ascii: "}"))
    }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> [String: Value] {
        guard scanner.current == UInt8(ascii: "{") else { throw scanner.mismatch(Self.self) }
        var members: [String: Value] = [:]
        try scanner.skipMembers(depth: depth) { (scanner, name) throws(ModelError) in
            members[try scanner.text(of: name)] = try Value.read(from: &scanner, depth: depth + 1)
        }
        return members
    }
}

/// A set is an array of its elements in the order of their encoded bytes, so that equal sets have equal bytes.
extension Set: DirectJSON where Element: DirectJSON {
    func write(to writer: inout JSONWriter, depth: Int) throws(ModelError) {
        try writer.enter(depth)
        var elements: [ArraySlice<UInt8>] = []
        for element in self {
            var inner = JSONWriter()
            try element.write(to: &inner, depth: depth + 1)
            elements.append(inner.bytes[...])
        }
        writer.write(sorted: elements)
    }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> Set<Element> {
        Set(try [Element].read(from: &scanner, depth: depth))
    }
}

/// A set of whatever can be encoded.
protocol EncodableSet {
    /// The elements' encoded bytes, in no order.
    func encodedElements() throws(ModelError) -> [ArraySlice<UInt8>]
}

extension Set: EncodableSet where Element: Encodable {
    func encodedElements() throws(ModelError) -> [ArraySlice<UInt8>] {
        var elements: [ArraySlice<UInt8>] = []
        for element in self { elements.append(try EncodedJSON(encoding: element).bytes) }
        return elements
    }
}
