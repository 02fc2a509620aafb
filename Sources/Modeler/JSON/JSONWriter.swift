/// Writes compact JSON text: no white space, no escape that RFC 8259 doesn't ask for.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    /// Whether `null` is written in place of what has no JSON form, as JavaScript does.
    private let replacesInvalid: Bool

    init(replacesInvalid: Bool = false) {
        self.replacesInvalid = replacesInvalid
    }

    mutating func write(raw byte: UInt8) {
        bytes.append(byte)
    }

    mutating func write(raw text: some Sequence<UInt8>) {
        bytes.append(contentsOf: text)
    }

    /// Writes a value.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` for a double that is not finite, for a literal that is no number, and
    ///   for what is nested deeper than ``JSONLimits/deepest``.
    mutating func write(_ value: JSONValue, depth: Int = 0) throws(ModelError) {
        if replacesInvalid, !canWrite(value, depth) { return write(raw: "null".utf8) }
        switch value {
        case .null: write(raw: "null".utf8)
        case .bool(let value): write(raw: value ? "true".utf8 : "false".utf8)
        case .integer(let value): write(raw: String(value).utf8)
        case .double(let value): try write(value)
        case .number(let literal): try write(literal: literal)
        case .string(let text): write(text)
        case .array(let elements):
            try enter(depth)
            write(raw: UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { write(raw: UInt8(ascii: ",")) }
                try write(element, depth: depth + 1)
            }
            write(raw: UInt8(ascii: "]"))
        case .object(let members):
            try enter(depth)
            write(raw: UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { write(raw: UInt8(ascii: ",")) }
                write(member.name)
                write(raw: UInt8(ascii: ":"))
                try write(member.value, depth: depth + 1)
            }
            write(raw: UInt8(ascii: "}"))
        }
    }

    /// Checks that an array or object may open in `depth` others.
    func enter(_ depth: Int) throws(ModelError) {
        guard depth < JSONLimits.deepest else {
            throw ModelError(.invalidJSON, "a value is nested deeper than \(JSONLimits.deepest)")
        }
    }

    /// Whether a value has a JSON form, its elements and members aside.
    private func canWrite(_ value: JSONValue, _ depth: Int) -> Bool {
        switch value {
        case .double(let value): value.isFinite
        case .number(let literal): Self.isNumber(literal)
        case .array, .object: depth < JSONLimits.deepest
        case .null, .bool, .integer, .string: true
        }
    }

    /// Writes an array of encoded elements in the order of their bytes.
    mutating func write(sorted elements: [ArraySlice<UInt8>]) {
        write(raw: UInt8(ascii: "["))
        for (index, element) in elements.sorted(by: { $0.lexicographicallyPrecedes($1) }).enumerated() {
            if index > 0 { write(raw: UInt8(ascii: ",")) }
            write(raw: element)
        }
        write(raw: UInt8(ascii: "]"))
    }

    /// Writes the shortest literal that reads back as the same double, with a fraction or an exponent always.
    mutating func write(_ value: Double) throws(ModelError) {
        guard value.isFinite else { throw ModelError(.invalidJSON, "a number that is not finite has no JSON form") }
        write(raw: "\(value)".utf8)
    }

    private mutating func write(literal: String) throws(ModelError) {
        guard Self.isNumber(literal) else { throw ModelError(.invalidJSON, "a literal is no JSON number") }
        write(raw: literal.utf8)
    }

    /// Whether a text is a number of RFC 8259 §6, and nothing else.
    private static func isNumber(_ literal: String) -> Bool {
        let token = try? JSONScanner.scan(ArraySlice(literal.utf8)) { (scanner) throws(ModelError) in
            try scanner.skipNumber()
        }
        return token?.range == 0..<literal.utf8.count
    }

    /// Writes a text between quotes.
    mutating func write(_ text: String) {
        bytes.reserveCapacity(bytes.count + text.utf8.count + 2)
        write(raw: UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A: write(raw: #"\n"#.utf8)
            case 0x0D: write(raw: #"\r"#.utf8)
            case 0x09: write(raw: #"\t"#.utf8)
            case 0x00..<0x20:
                write(raw: #"\u00"#.utf8)
                bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                bytes.append(Self.hexadecimal[Int(byte & 0xF)])
            default: bytes.append(byte)
            }
        }
        write(raw: UInt8(ascii: "\""))
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
