import Foundation
import Modeler
import ModelerTesting
import Testing

@Suite("Properties of the JSON reader and writer")
struct JSONPropertyTests {
    static let count = ProcessInfo.processInfo.environment["SESS_TEST_SCALE"].flatMap(Int.init) ?? 2000

    static func seed(_ name: String) -> UInt64 {
        let seed =
            ProcessInfo.processInfo.environment["SESS_TEST_SEED"].flatMap(UInt64.init)
            ?? UInt64.random(in: 0..<(1 << 32))
        print("\(name): seed \(seed)")
        return seed
    }

    func value(_ depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: .min ... .max, using: &random))
        case 3: return .integer(.random(in: -9...9, using: &random))
        case 4:
            let double = Double(bitPattern: random.next())
            return .double(double.isFinite ? double : 0.5)
        case 5, 6: return .string(text(&random))
        case 7: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth - 1, &random) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in
                        (name: text(&random), value: value(depth - 1, &random))
                    }
                )
            )
        }
    }

    func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &random) {
            let top: UInt32 = [0x1F, 0x7F, 0x7FF, 0xFFFF, 0x10FFFF][Int.random(in: 0..<5, using: &random)]
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...top, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    @Test("S6 Whatever is written reads back the same, here and with Foundation")
    func roundTrip() throws {
        let seed = Self.seed("JSON round trip")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<Self.count {
            let value = value(4, &random)
            let encoded = try EncodedJSON(value)
            #expect(try encoded.value() == value, "seed \(seed)")
            #expect(try EncodedJSON(validating: encoded.bytes) == encoded, "seed \(seed)")
            #expect(throws: Never.self) {
                try JSONSerialization.jsonObject(with: Data(encoded.bytes), options: .fragmentsAllowed)
            }
        }
    }

    @Test("F4 Damaged text is refused or read, by reader and checker alike, and never a trap")
    func damaged() throws {
        let seed = Self.seed("JSON damage")
        var random = SeededGenerator(seed: seed)
        let fragments = Array(#"{}[],:"\u d8001eE+-.0nulltrue"#.utf8) + [0, 9, 0x1F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        for _ in 0..<Self.count {
            var bytes = Array(try EncodedJSON(value(3, &random)).bytes)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 0...bytes.count, using: &random)
                let byte = fragments[Int.random(in: fragments.indices, using: &random)]
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.insert(byte, at: position)
                case 1 where position < bytes.count: bytes[position] = byte
                default: bytes.removeSubrange(position..<min(bytes.count, position + 3))
                }
            }
            let value = try? JSONValue(parsing: bytes)
            let checked = try? EncodedJSON(validating: bytes)
            #expect((value == nil) == (checked == nil), "seed \(seed)")
            if let value { #expect(try checked?.value() == value, "seed \(seed)") }
            if case .object? = value {
                #expect(try JSONMembers(parsing: bytes).encoded().value() == value, "seed \(seed)")
            } else {
                #expect(throws: ModelError.self) { try JSONMembers(parsing: bytes) }
            }
        }
    }
}
