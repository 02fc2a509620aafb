/// A text with wildcards: literal bytes, `*` for any bytes, and `:name` for one byte or more.
///
/// Each wildcard but the last takes as little as it can. Where a text matches at all it matches so, which is why a
/// search never goes back: its time is the text's length times the pattern's.
struct Glob: Sendable, Hashable {
    enum Token: Sendable, Hashable {
        case literal([UInt8])
        case any
        case name(String)

        var isWildcard: Bool { if case .literal = self { false } else { true } }
        var minimum: Int { if case .name = self { 1 } else { 0 } }
    }

    let tokens: [Token]

    /// - Parameter allowsNames: Whether `:name` is a wildcard.
    init(_ pattern: ArraySlice<UInt8>, allowsNames: Bool = false) {
        var tokens: [Token] = []
        var literal: [UInt8] = []
        var rest = pattern
        func flush() {
            if !literal.isEmpty { tokens.append(.literal(literal)) }
            literal = []
        }
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "*") {
                flush()
                if tokens.last != .any { tokens.append(.any) }
            } else if allowsNames, byte == UInt8(ascii: ":"), let first = rest.first, Self.isNameByte(first) {
                let name = rest.prefix(while: Self.isNameByte)
                rest = rest.dropFirst(name.count)
                flush()
                tokens.append(.name(String(decoding: name, as: UTF8.self)))
            } else {
                literal.append(byte)
            }
        }
        flush()
        self.tokens = tokens
    }

    var isLiteral: Bool { !tokens.contains { $0.isWildcard } }

    /// What each wildcard stands for; `nil` for a text that doesn't match.
    func match(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        var found: [ArraySlice<UInt8>] = []
        var rest = text
        /// The wildcard that a literal has yet to end.
        var open: Token?
        for (index, token) in tokens.enumerated() {
            guard case .literal(let literal) = token else {
                // Two wildcards side by side: the first takes no more than it must.
                if let wildcard = open {
                    guard rest.count >= wildcard.minimum else { return nil }
                    found.append(rest.prefix(wildcard.minimum))
                    rest = rest.dropFirst(wildcard.minimum)
                }
                open = token
                continue
            }
            guard let wildcard = open else {
                guard rest.starts(with: literal) else { return nil }
                rest = rest.dropFirst(literal.count)
                continue
            }
            let isLast = index == tokens.count - 1
            guard let start = Self.start(of: literal, in: rest, after: wildcard.minimum, atEnd: isLast) else {
                return nil
            }
            found.append(rest[..<start])
            rest = rest[(start + literal.count)...]
            open = nil
        }
        if let wildcard = open {
            guard rest.count >= wildcard.minimum else { return nil }
            found.append(rest)
            return found
        }
        return rest.isEmpty ? found : nil
    }

    private static func start(
        of literal: [UInt8], in text: ArraySlice<UInt8>, after minimum: Int, atEnd: Bool
    ) -> Int? {
        let last = text.endIndex - literal.count
        var start = atEnd ? last : text.startIndex + minimum
        guard start >= text.startIndex + minimum else { return nil }
        while start <= last {
            if text[start...].starts(with: literal) { return start }
            start += 1
        }
        return nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
