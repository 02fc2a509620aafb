import RESP

/// A reply written as lines, so that a mutation changes what it holds and not its framing.
///
/// | line | reply |
/// |---|---|
/// | `*3` | an array of the next three, or of as many as there are |
/// | `:12` | an integer |
/// | `+OK`, `-ERR …` | a status, an error |
/// | `_` | null |
/// | `$text`, or any other | a string of these bytes |
enum LineReply {
    /// The reply, read by the reply reader; `nil` where it refuses it.
    static func replies(_ input: [UInt8]) -> RESPReplies? {
        var lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        var wire: [UInt8] = []
        append(&lines, to: &wire, depth: 0)
        return replies(wire: wire)
    }

    /// An array of strings.
    static func replies(strings: [[UInt8]]) -> RESPReplies? {
        replies(wire: strings.reduce(into: Array("*\(strings.count)\r\n".utf8)) { $0 += bulk($1[...]) })
    }

    private static func replies(wire: [UInt8]) -> RESPReplies? {
        guard wire.count <= RESPReader.maximumStep, var reader = try? RESPReader() else { return nil }
        do {
            try wire.withUnsafeBytes { try reader.feed($0) }
            return try reader.next() ? reader.take() : nil
        } catch {
            return nil
        }
    }

    private static func append(_ lines: inout ArraySlice<ArraySlice<UInt8>>, to wire: inout [UInt8], depth: Int) {
        guard let line = lines.popFirst() else { return }
        let rest = line.dropFirst()
        switch line.first {
        case UInt8(ascii: "*") where depth < 7:
            let announced = Int(String(decoding: rest, as: UTF8.self)) ?? 0
            var elements: [UInt8] = []
            var count = 0
            while count < announced, !lines.isEmpty {
                append(&lines, to: &elements, depth: depth + 1)
                count += 1
            }
            wire += Array("*\(count)\r\n".utf8) + elements
        case UInt8(ascii: ":"):
            wire += Array(":\(Int64(String(decoding: rest, as: UTF8.self)) ?? 0)\r\n".utf8)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): wire += line.filter { $0 != 0x0D } + [0x0D, 0x0A]
        case UInt8(ascii: "_"): wire += Array("$-1\r\n".utf8)
        case UInt8(ascii: "$"): wire += bulk(rest)
        default: wire += bulk(line)
        }
    }

    private static func bulk(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array("$\(bytes.count)\r\n".utf8) + bytes + [0x0D, 0x0A]
    }
}
