import Modeler
import Testing

@testable import Sess

@Suite("Ready merges")
struct MergeTests {
    struct Row: Sendable {
        var policy: ConflictPolicy
        var base: JSONValue?
        var mine: JSONValue?
        var theirs: JSONValue?
        var merged: JSONValue?
    }

    @Test(
        "C2 A merge keeps what both requests did",
        arguments: [
            Row(policy: .counter, base: 5, mine: 7, theirs: 6, merged: 8),
            Row(policy: .counter, base: nil, mine: 2, theirs: 3, merged: 5),
            Row(policy: .maximum, base: 1, mine: 4, theirs: 9, merged: 9),
            Row(policy: .maximum, base: 1, mine: nil, theirs: 3, merged: 3),
            Row(policy: .set, base: ["a", "b"], mine: ["a", "c"], theirs: ["a", "b", "d"], merged: ["a", "d", "c"]),
            Row(policy: .set, base: ["a"], mine: ["a", "b"], theirs: ["b"], merged: ["b"]),
            Row(policy: .set, base: nil, mine: ["a"], theirs: ["b"], merged: ["b", "a"]),
            Row(policy: .log(limit: 9), base: [1], mine: [1, 2], theirs: [1, 3], merged: [1, 3, 2]),
            Row(policy: .log(limit: 2), base: [1, 2], mine: [2, 3], theirs: [2, 4], merged: [4, 3]),
            Row(policy: .log(limit: 9), base: nil, mine: [2], theirs: nil, merged: [2]),
            Row(policy: .log(limit: 9), base: [1], mine: nil, theirs: [1, 2], merged: [2]),
            Row(policy: .log(limit: 9), base: [1], mine: [3], theirs: [1, 2], merged: [2, 3]),
            Row(policy: .log(limit: 9), base: [1], mine: [1, 2], theirs: nil, merged: [2]),
            Row(policy: .log(limit: 9), base: [1], mine: nil, theirs: nil, merged: nil),
            Row(
                policy: .members, base: ["a": 1, "b": 1, "c": 1], mine: ["a": 2, "b": 1, "c": 1],
                theirs: ["a": 1, "b": 3], merged: ["a": 2, "b": 3]
            ),
            Row(
                policy: .members, base: ["x": ["a": 1, "b": 1]], mine: ["x": ["a": 1, "b": 2]],
                theirs: ["x": ["a": 3, "b": 1], "y": 1], merged: ["x": ["a": 3, "b": 2], "y": 1]
            ),
            Row(policy: .members, base: ["a": 1, "b": 1], mine: ["b": 1], theirs: ["a": 1, "b": 2], merged: ["b": 2]),
            Row(policy: .members, base: ["a": 1], mine: ["a": 2], theirs: ["a": 3], merged: ["a": 2]),
        ]
    )
    func merges(_ row: Row) throws {
        guard case .merge(let merge) = row.policy else {
            Issue.record("not a merge")
            return
        }
        func encoded(_ value: JSONValue?) throws -> EncodedJSON? { try value.map { try EncodedJSON($0) } }
        let merged = try merge(encoded(row.base), encoded(row.mine), encoded(row.theirs))
        #expect(try merged?.value() == row.merged)
    }
}
