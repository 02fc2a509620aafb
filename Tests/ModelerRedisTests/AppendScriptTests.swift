import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Appending to an array in Redis")
struct AppendScriptTests {
    struct Row: Sendable {
        var array: StaticString?
        var value: StaticString
        var maximum: Int
        var result: String
    }

    @Test(
        "The text of elements is kept as it is; the first are dropped beyond the maximum",
        arguments: [
            Row(array: nil, value: "1", maximum: 3, result: "[1]"),
            Row(array: "[]", value: "1", maximum: 3, result: "[1]"),
            Row(array: "[ \n ]", value: "1", maximum: 3, result: "[1]"),
            Row(array: "[1,2]", value: "3", maximum: 3, result: "[1,2,3]"),
            Row(array: "[1,2,3]", value: "4", maximum: 3, result: "[2,3,4]"),
            Row(array: "[1,2,3]", value: "4", maximum: 1, result: "[4]"),
            Row(array: "[1,2,3,4,5,6]", value: "7", maximum: 2, result: "[6,7]"),
            Row(array: #"["a","b",[1,2],"c"]"#, value: "7", maximum: 5, result: #"["a","b",[1,2],"c",7]"#),
            Row(array: #"["a","b",[1,2],"c"]"#, value: "7", maximum: 4, result: #"["b",[1,2],"c",7]"#),
            Row(array: #"["a,b","c]d","e\"f,g","h\\"]"#, value: "1", maximum: 3, result: #"["e\"f,g","h\\",1]"#),
            Row(array: #"[{"a":[1,2],"b":"}"},[3,[4,5]],null]"#, value: "{}", maximum: 2, result: "[null,{}]"),
            Row(
                array: #"[{"a":[1,2],"b":"}"},[3,[4,5]],null]"#, value: "{}", maximum: 3, result: "[[3,[4,5]],null,{}]"),
            Row(
                array: "[1.50,1e3,-0]", value: "9007199254740993", maximum: 9, result: "[1.50,1e3,-0,9007199254740993]"),
        ]
    )
    func append(_ row: Row) async throws {
        try await withCollection { models, _ in
            let id = ModelID.random()
            let fields = row.array.map { [(name: "list", value: EncodedJSON(text: $0))] } ?? []
            _ = try await models.insert(NewModel(id: id, fields: fields), expiry: .never)
            let change = Change([.init("list", .append(EncodedJSON(text: row.value), maximum: row.maximum))])
            let commit = try #require(try await models.commit(change, to: id).commit)
            let expected = EncodedJSON(unchecked: Array(row.result.utf8)[...])
            #expect(commit.values.first?.value == expected)
            #expect(try await models.fetch(id)?.fields["list"]?.value == expected)
        }
    }

    @Test("One append to 4,000,000 numbers keeps Redis for less than half of a second, whether it drops one or none")
    func largeArray() async throws {
        try await withCollection { models, server in
            let numbers = Array(repeating: "1", count: 4_000_000).joined(separator: ",")
            let list = EncodedJSON(unchecked: ArraySlice("[\(numbers)]".utf8))
            for maximum in [4_000_000, 4_000_002, .max] {
                var isFast = false
                // Other work on the machine may slow one of them down.
                for _ in 0..<3 where !isFast {
                    let id = ModelID.random()
                    _ = try await models.insert(NewModel(id: id, fields: [("list", list)]), expiry: .never)
                    try await server.command("CONFIG", "SET", "slowlog-log-slower-than", "500000")
                    try await server.command("SLOWLOG", "RESET")
                    let change = Change([.init("list", .append(EncodedJSON(text: "2"), maximum: maximum))])
                    let size = try await models.commit(change, to: id).commit?.values.first?.value.bytes.count
                    #expect(size == list.bytes.count + (maximum == 4_000_000 ? 0 : 2))
                    isFast = try await server.command("SLOWLOG", "LEN") == .integer(0)
                    try await models.remove(id)
                }
                #expect(isFast, "at most \(maximum)")
            }
        }
    }
}
