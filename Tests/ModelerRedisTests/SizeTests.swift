import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Sizes of models in Redis")
struct SizeTests {
    private let id = ModelID(1)

    @Test("No kind of write makes a model larger than maximumBytes; what shrinks it passes")
    func growth() async throws {
        try await withCollection { models, _ in
            let small = try RedisCollection(
                client: models.client, prefix: "test:", name: "small", maximumBytes: 4096)
            _ = try await small.insert(NewModel(id: id, fields: []), expiry: .never)
            let text = json(length: 900)
            let writes: [(String) -> FieldOperation] = [
                { _ in .set(text) }, { _ in .setIfAbsent(text) }, { _ in .append(text, maximum: 10) },
                { _ in .increment(by: 1) },
            ]
            for write in writes {
                var accepted = 0
                while true {
                    let name = "field\(accepted)"
                    do {
                        _ = try await small.commit(Change([.init(name, write(name))]), to: id)
                        accepted += 1
                    } catch let error as ModelError {
                        #expect(error.code == .tooLarge)
                        break
                    }
                    try #require(accepted < 300, "nothing is refused")
                }
                let model = try #require(try await small.fetch(id))
                #expect(model.fields.count == accepted)
                let bytes = model.fields.reduce(0) { $0 + RecordLayout.size($1.name, $1.value) }
                #expect((3000...4096).contains(bytes), "\(bytes)")
                let removal = Change(model.fields.map { FieldChange($0.name, .remove) })
                #expect(try await small.commit(removal, to: id).commit != nil)
            }
            // One that is too large already, because the maximum was another when it was written.
            let fields = (0..<10).map { (name: "field\($0)", value: text) }
            let large = try RedisCollection(client: models.client, prefix: "test:", name: "small")
            _ = try await large.commit(Change(fields.map { FieldChange($0.name, .set($0.value)) }), to: id)
            let refusal = await #expect(throws: ModelError.self) {
                try await small.commit(Change([.init("field0", .set(json(length: 901)))]), to: id)
            }
            #expect(refusal?.code == .tooLarge)
            #expect(refusal?.message.contains("4096") == true)
            #expect(try await small.commit(Change([.init("field0", .set(json(length: 10)))]), to: id).commit != nil)
        }
    }

    @Test("A model that is written again and again in place is never refused")
    func rewriting() async throws {
        try await withCollection { models, _ in
            let small = try RedisCollection(
                client: models.client, prefix: "test:", name: "small", maximumBytes: 2048)
            _ = try await small.insert(NewModel(id: id, fields: []), expiry: .never)
            for number in 0..<40 {
                let change = Change([.init("a", .set(json(length: 1000 + number))), .init("n", .increment(by: 1))])
                #expect(try await small.commit(change, to: id).commit != nil)
            }
            #expect(try await small.fetch(id)?.fields["n"]?.value == EncodedJSON(text: "40"))
        }
    }

    @Test("A model of exactly maximumBytes is written anew at any revision, and takes no byte more")
    func digits() async throws {
        try await withCollection { models, _ in
            let small = try RedisCollection(
                client: models.client, prefix: "test:", name: "small", maximumBytes: 1024)
            // Two fields: names of one byte and 16 for each.
            let value = json(length: 1024 - 34 - 10)
            _ = try await small.insert(
                NewModel(id: id, fields: [("a", value), ("b", json(length: 10))]), expiry: .never)
            for number in 2..<1100 {
                let change = Change([number % 2 == 0 ? .init("a", .set(value)) : .init("b", .set(json(length: 10)))])
                #expect(try await small.commit(change, to: id).commit?.revision == number)
            }
            let refusal = await #expect(throws: ModelError.self) {
                try await small.commit(Change([.init("b", .set(json(length: 11)))]), to: id)
            }
            #expect(refusal?.code == .tooLarge)
            #expect(refusal?.message.contains("1025 bytes") == true)
        }
    }

    @Test("As many models as one asks for are read at once, each as large as it may be")
    func largeModels() async throws {
        try await withCollection { models, _ in
            let value = json(length: models.maximumBytes - 64)
            let ids = (0..<9).map { ModelID($0) }
            for id in ids { _ = try await models.insert(NewModel(id: id, fields: [("a", value)]), expiry: .never) }
            let found = try await models.fetch(ids)
            #expect(found.compactMap { $0?.fields["a"]?.value.bytes.count } == ids.map { _ in value.bytes.count })
        }
    }

    @Test("A model of many small fields is read")
    func manyFields() async throws {
        try await withCollection { models, _ in
            let fields = (0..<300_000).map { (name: "\($0)", value: EncodedJSON(text: "1")) }
            _ = try await models.insert(NewModel(id: id, fields: fields), expiry: .never)
            #expect(try await models.fetch([id, id]).compactMap { $0?.fields.count } == [300_000, 300_000])
        }
    }

    @Test("A maximum beyond what the client reads is refused, and says what would do")
    func maximum() async throws {
        try await withCollection { models, _ in
            let error = #expect(throws: ModelError.self) {
                try RedisCollection(client: models.client, name: "large", maximumBytes: 16 << 20)
            }
            #expect(error?.code == .misconfigured)
            #expect(error?.message.contains("maximumReplyStringBytes") == true)
        }
    }

    /// A JSON string of so many bytes.
    private func json(length: Int) -> EncodedJSON {
        let text = "\"" + String(repeating: "x", count: length - 2) + "\""
        return EncodedJSON(unchecked: Array(text.utf8)[...])
    }
}
