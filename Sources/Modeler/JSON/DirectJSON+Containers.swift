extension Optional: DirectJSON where Wrapped: DirectJSON {
    func write(to writer: inout JSONWriter) throws(ModelError) {
        if let self { try self.write(to: &writer) } else { try writer.write(.null) }
    }

    static func read(from scanner: inout JSONScanner, depth: Int) throws(ModelError) -> Wrapped? {
        guard scanner.current == UInt8(ascii: "n") else { return try Wrapped.read(from: &scanner, depth: depth) }
        try scanner.skipLiteral("null")
        return nil
    }
}

extension Array: DirectJSON where Element: DirectJSON {
    func write(to writer: inout JSONWriter) throws(ModelError) {
        writer.write(raw: UInt8(ascii: "["))
        for (index, element) in enumerated() {
            if index > 0 { writer.write(raw: UInt8(ascii: ",")) }
            try element.write(to: &writer)
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
    func write(to writer: inout JSONWriter) throws(ModelError) {
        writer.write(raw: UInt8(ascii: "{"))
        for (index, member) in self.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { writer.write(raw: UInt8(ascii: ",")) }
            writer.write(member.key)
            writer.write(raw: UInt8(ascii: ":"))
            try member.value.write(to: &writer)
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
