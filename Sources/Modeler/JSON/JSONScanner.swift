/// Walks over JSON text (RFC 8259) byte by byte and checks it, without making values.
///
/// The buffer must outlive the scanner. Errors give the offset of the byte that is wrong, never what it is.
struct JSONScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    /// Whether ``skipValue(depth:)`` has met an object with two members of one name.
    var hasDuplicates = false
    /// The names of the objects that are being skipped, outer ones first.
    var names: [StringToken] = []
    private let maximumDepth: Int

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) throws(ModelError) {
        guard bytes.count <= limits.maximumBytes else {
            throw ModelError(.tooLarge, "JSON of \(bytes.count) bytes is longer than \(limits.maximumBytes)")
        }
        self.bytes = bytes
        self.maximumDepth = limits.maximumDepth
    }

    /// The byte at the position; 0, which JSON has nowhere, at the end.
    var current: UInt8 {
        position < bytes.count ? bytes[position] : 0
    }

    /// An error at the position.
    func failure(_ expected: String) -> ModelError {
        position < bytes.count
            ? ModelError(.invalidJSON, "\(expected) expected at byte \(position)")
            : ModelError(.invalidJSON, "\(expected) expected, but the text ends at byte \(position)")
    }

    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// Takes one byte that has to be there.
    mutating func take(_ byte: UInt8, _ expected: String) throws(ModelError) {
        guard position < bytes.count, bytes[position] == byte else { throw failure(expected) }
        position += 1
    }

    /// Checks that only white space is left.
    mutating func finish() throws(ModelError) {
        skipWhitespace()
        guard position == bytes.count else { throw failure("the end") }
    }

    /// Checks that one more array or object may open here.
    func enter(_ depth: Int) throws(ModelError) {
        guard depth < maximumDepth else {
            throw ModelError(.invalidJSON, "JSON is nested deeper than \(maximumDepth) at byte \(position)")
        }
    }

    /// Checks and skips one value, from its first byte to behind its last, and notices members of one name.
    mutating func skipValue(depth: Int = 0) throws(ModelError) {
        switch current {
        case UInt8(ascii: "\""): _ = try skipString()
        case UInt8(ascii: "{"):
            var seen = MemberNames(start: names.count)
            try skipMembers(depth: depth) { (scanner, name) throws(ModelError) in
                try scanner.note(name, in: &seen)
                try scanner.skipValue(depth: depth + 1)
            }
            close(seen)
        case UInt8(ascii: "["):
            try skipElements(depth: depth) { (scanner) throws(ModelError) in
                try scanner.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "t"): try skipLiteral("true")
        case UInt8(ascii: "f"): try skipLiteral("false")
        case UInt8(ascii: "n"): try skipLiteral("null")
        default: _ = try skipNumber()
        }
    }

    mutating func skipLiteral(_ literal: StaticString) throws(ModelError) {
        for offset in 0..<literal.utf8CodeUnitCount {
            // The offset is within the literal's own length.
            try take((literal.utf8Start + offset).pointee, "a value")
        }
    }

    /// Walks an object; `body` is called at the first byte of each member's value and must skip the value.
    mutating func skipMembers(
        depth: Int,
        _ body: (inout JSONScanner, _ name: StringToken) throws(ModelError) -> Void
    ) throws(ModelError) {
        try enter(depth)
        try take(UInt8(ascii: "{"), "an object")
        skipWhitespace()
        if current == UInt8(ascii: "}") { return position += 1 }
        while true {
            let name = try skipString()
            skipWhitespace()
            try take(UInt8(ascii: ":"), "':'")
            skipWhitespace()
            try body(&self, name)
            skipWhitespace()
            if current == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
            } else {
                return try take(UInt8(ascii: "}"), "',' or '}'")
            }
        }
    }

    /// Walks an array; `body` is called at the first byte of each element and must skip it.
    mutating func skipElements(
        depth: Int,
        _ body: (inout JSONScanner) throws(ModelError) -> Void
    ) throws(ModelError) {
        try enter(depth)
        try take(UInt8(ascii: "["), "an array")
        skipWhitespace()
        if current == UInt8(ascii: "]") { return position += 1 }
        while true {
            try body(&self)
            skipWhitespace()
            if current == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
            } else {
                return try take(UInt8(ascii: "]"), "',' or ']'")
            }
        }
    }
}
