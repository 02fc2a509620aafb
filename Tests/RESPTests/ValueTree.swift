import RESP

/// A reply as a tree, for tests to generate, encode and compare.
indirect enum ValueTree: Equatable, CustomStringConvertible {
    case simple([UInt8])
    case error([UInt8])
    case integer(Int64)
    case bulk([UInt8])
    case null
    case array([ValueTree])

    init(_ reply: RESPReply) {
        switch reply.kind {
        case .simpleString: self = .simple(Array(reply.bytes ?? []))
        case .error: self = .error(Array(reply.bytes ?? []))
        case .integer: self = .integer(reply.integer ?? 0)
        case .bulkString: self = .bulk(Array(reply.bytes ?? []))
        case .null: self = .null
        case .array: self = .array(reply.elements.map { ValueTree($0) })
        }
    }

    var wire: [UInt8] {
        switch self {
        case .simple(let bytes): Array("+".utf8) + bytes + Array("\r\n".utf8)
        case .error(let bytes): Array("-".utf8) + bytes + Array("\r\n".utf8)
        case .integer(let number): Array(":\(number)\r\n".utf8)
        case .bulk(let bytes): Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        case .null: Array("$-1\r\n".utf8)
        case .array(let elements): Array("*\(elements.count)\r\n".utf8) + elements.flatMap { $0.wire }
        }
    }

    var description: String { String(decoding: wire, as: UTF8.self).debugDescription }

    static func random(depth: Int, using generator: inout some RandomNumberGenerator) -> ValueTree {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
        case 0: return .simple(line(using: &generator))
        case 1: return .error(line(using: &generator))
        case 2:
            let edges: [Int64] = [0, -1, 9, 10, 99, 100, .max, .min]
            return .integer(
                Bool.random(using: &generator)
                    ? edges.randomElement(using: &generator) ?? 0 : Int64.random(in: .min ... .max, using: &generator)
            )
        case 3:
            let count = Int.random(in: 0..<24, using: &generator)
            // Line breaks and protocol marks are frequent, so that content is told from framing.
            let alphabet: [UInt8] = [0x0D, 0x0A, 0x24, 0x2A, 0x2B, 0x00, 0xFF, 0x31, 0x61]
            return .bulk((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 })
        case 4: return .null
        default:
            let count = Int.random(in: 0..<5, using: &generator)
            return .array((0..<count).map { _ in random(depth: depth - 1, using: &generator) })
        }
    }

    private static func line(using generator: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<Int.random(in: 0..<12, using: &generator)).map { _ in UInt8.random(in: 0x20...0xFF, using: &generator) }
    }
}
