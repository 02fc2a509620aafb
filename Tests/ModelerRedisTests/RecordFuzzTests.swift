import Modeler
import RESP
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Records of any bytes")
struct RecordFuzzTests {
    private let id = ModelID(42)
    private let now = Timestamp(milliseconds: 1_700_000_000_005)

    @Test("F3 Random and mutated records are models or faults, and a model that is written again is read as the same")
    func noise() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("F3 records: seed \(seed)")
        var generator = Numbers(seed: seed)
        var models = 0
        for round in 0..<TestScale.count(5_000, full: 1_000_000) {
            await Task.yield()
            var strings = Self.seeds[generator.next(Self.seeds.count)]
            for _ in 0..<generator.next(4) { mutate(&strings, &generator) }
            guard let model = try? read(strings) else { continue }
            models += 1
            let again = try? read(record(of: model))
            if again != model || again?.lifetime != model.lifetime {
                Issue.record("seed \(seed), round \(round): \(model) became \(String(describing: again))")
            }
            for field in model.fields { _ = try? field.value.value() }
        }
        #expect(models > 100)
    }

    @Test("F3 A record of 8 KiB in one field, or in a thousand, is read")
    func long() throws {
        let head = Self.seeds[0][..<4]
        let value = Array("1:\"\(String(repeating: "x", count: 8 << 10))\"".utf8)
        #expect(try read(head + [Array("a".utf8), value])?.fields.byteCount == 8195)
        let fields = (0..<1_000).flatMap { [Array("\($0)".utf8), Array("1:1".utf8)] }
        #expect(try read(head + fields)?.fields.count == 1_000)
        let digits = Array(String(repeating: "9", count: 8 << 10).utf8)
        #expect(throws: RecordFault.self) { try read(head + [Array("a".utf8), digits]) }
        #expect(throws: RecordFault.self) { try read([head[0], digits] + head[2...]) }
    }

    private static let seeds: [[[UInt8]]] = [
        ["@", "1 3 1700000000000 10 60000 3600000 60010 1", "@id", "42", "@ops", "abcdefghijkl", "a", "3:\"Zoë\""],
        ["@", "1 1 1700000000000 0 0 0 0 1", "@id", "42", "@@at", "1:{\"a\":[1,-0.5,1e9,true,null]}", "__user", "1:7"],
        ["@id", "42", "n", "2:2", "@", "1 9007199254740991 1000 0 9007199254740991 9007199254740991 0 1"],
        ["@", "1 1 1 1 1 1 1 1", "@id", "43"],
        ["@", "7 what that means", "@id", "42"],
    ].map { $0.map { Array($0.utf8) } }

    private static let tokens = [
        "9007199254740991", "9007199254740992", "9223372036854775807", "99999999999999999999", "-1", "0", " ", ":", "@",
        "\"", "", "1:", "\u{0}",
    ].map { Array($0.utf8) }

    private func mutate(_ strings: inout [[UInt8]], _ generator: inout Numbers) {
        guard !strings.isEmpty else { return }
        let index = generator.next(strings.count)
        let position = generator.next(strings[index].count + 1)
        switch generator.next(6) {
        case 0: strings.remove(at: index)
        case 1: strings.insert(Self.tokens[generator.next(Self.tokens.count)], at: index)
        case 2: strings[index].insert(contentsOf: Self.tokens[generator.next(Self.tokens.count)], at: position)
        case 3: strings[index].insert(UInt8(generator.next(256)), at: position)
        case 4 where position < strings[index].count: strings[index].remove(at: position)
        default: strings.swapAt(index, generator.next(strings.count))
        }
    }

    private func read(_ strings: some Collection<[UInt8]>) throws -> Model? {
        var reader = try RESPReader()
        var wire = Array("*\(strings.count)\r\n".utf8)
        for string in strings { wire += Array("$\(string.count)\r\n".utf8) + string + [0x0D, 0x0A] }
        var isRead = false
        while !wire.isEmpty {
            let step = wire.prefix(RESPReader.maximumStep)
            try step.withUnsafeBytes { try reader.feed($0) }
            wire.removeFirst(step.count)
            isRead = try reader.next()
        }
        guard isRead else { return nil }
        return try RecordReader.model(reader.take().reply, id: id, now: now)
    }

    /// The names and values of a model's hash.
    private func record(of model: Model) -> [[UInt8]] {
        let created = model.created.milliseconds
        let numbers: [Int64] = [
            1, Int64(model.revision), created, model.updated.milliseconds - created,
            model.lifetime?.expiry.idle?.wholeMilliseconds ?? 0,
            model.lifetime?.expiry.absolute?.wholeMilliseconds ?? 0,
            model.lifetime?.expires.map { $0.milliseconds - created } ?? 0, 1,
        ]
        let head = ["@", numbers.map(String.init).joined(separator: " "), "@id", id.rawValue].map { Array($0.utf8) }
        return model.fields.reduce(into: head) { strings, field in
            strings.append(Array(RecordLayout.storedName(field.name).utf8))
            strings.append(Array("\(field.revision):".utf8) + field.value.bytes)
        }
    }
}
