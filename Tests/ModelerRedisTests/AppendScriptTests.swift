import Modeler
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
            let change = Change([("list", .append(EncodedJSON(text: row.value), maximum: row.maximum))])
            let commit = try #require(try await models.commit(change, to: id).commit)
            let expected = EncodedJSON(unchecked: Array(row.result.utf8)[...])
            #expect(commit.values.first?.value == expected)
            #expect(try await models.fetch(id)?.fields["list"]?.value == expected)
        }
    }
}
