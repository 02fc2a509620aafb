import Modeler

@testable import Sess

/// A conflict policy with values to try it on, and what it is to come to, written down once more and otherwise.
struct PolicyCase: Sendable, CustomStringConvertible {
    typealias Action = @Sendable (JSONValue?) -> JSONValue?

    var name: String
    var policy: ConflictPolicy
    var first: JSONValue?
    /// What a request makes of the value it has read.
    var actions: [Action]
    /// What is stored of the second request's value; `.none` where its changes are refused.
    var expected: @Sendable (_ base: JSONValue?, _ mine: JSONValue?, _ theirs: JSONValue?) -> JSONValue??

    var description: String { name }

    private static func ints(_ value: JSONValue?) -> [Int] { value?.array?.compactMap(\.int) ?? [] }
    private static func array(_ values: [Int]) -> JSONValue { .array(values.map { JSONValue(integerLiteral: $0) }) }
    private static func integer(_ value: Int) -> JSONValue { JSONValue(integerLiteral: value) }
    private static func object(_ members: [String: Int]) -> JSONValue {
        var object = JSONObject()
        for name in members.keys.sorted() { object[name] = members[name].map(integer) }
        return .object(object)
    }
    private static func members(_ value: JSONValue?) -> [String: Int] {
        var members: [String: Int] = [:]
        for (name, value) in value?.object ?? JSONObject() { members[name] = value.int }
        return members
    }

    private static let plain: [Action] = [{ $0 }, { _ in 1 }, { _ in 2 }, { _ in nil }]

    static let all: [PolicyCase] = [
        PolicyCase(name: "lastWriter", policy: .lastWriter, first: 0, actions: plain) { _, mine, _ in mine },
        PolicyCase(name: "keepFirst", policy: .keepFirst, first: 0, actions: plain) { _, _, theirs in theirs },
        PolicyCase(name: "fail", policy: .fail, first: 0, actions: plain) { _, _, _ in .none },
        PolicyCase(name: "lastWriter, absent", policy: .lastWriter, first: nil, actions: plain) { _, mine, _ in mine },
        PolicyCase(
            name: "merge",
            policy: .merging(String.self) { base, mine, theirs in "\(base ?? "-")\(mine ?? "-")\(theirs ?? "-")" },
            first: "b", actions: [{ $0 }, { _ in "x" }, { _ in "y" }, { _ in nil }]
        ) { base, mine, theirs in
            .string([base, mine, theirs].map { $0?.string ?? "-" }.joined())
        },
        PolicyCase(
            name: "counter", policy: .counter, first: 10,
            actions: [
                { $0 }, { integer(($0?.int ?? 0) + 1) }, { integer(($0?.int ?? 0) + 5) },
                { integer(($0?.int ?? 0) - 3) },
            ]
        ) { base, mine, theirs in
            integer((theirs?.int ?? 0) + (mine?.int ?? 0) - (base?.int ?? 0))
        },
        PolicyCase(
            name: "maximum", policy: .maximum, first: 10, actions: [{ $0 }, { _ in 12 }, { _ in 7 }, { _ in 20 }]
        ) { _, mine, theirs in
            integer(max(mine?.int ?? 0, theirs?.int ?? 0))
        },
        PolicyCase(
            name: "set", policy: .set, first: [1, 2],
            actions: [{ $0 }, { array(ints($0) + [3]) }, { array(ints($0).filter { $0 != 1 }) }, { _ in [4] }]
        ) { base, mine, theirs in
            let (base, mine, theirs) = (Set(ints(base)), Set(ints(mine)), Set(ints(theirs)))
            return array(theirs.subtracting(base.subtracting(mine)).union(mine.subtracting(base)).sorted())
        },
        PolicyCase(
            name: "log", policy: .log(limit: 4), first: [1, 2],
            actions: [{ $0 }, { array(ints($0) + [3]) }, { array(ints($0) + [4, 5]) }]
        ) { base, mine, theirs in
            array((ints(theirs) + ints(mine).dropFirst(ints(base).count)).suffix(4).map(\.self))
        },
        PolicyCase(
            name: "members", policy: .members, first: ["a": 1, "b": 2],
            actions: [
                { $0 }, { object(members($0).merging(["a": 9]) { $1 }) },
                { object(members($0).filter { $0.key != "b" }) },
                { object(members($0).merging(["b": 8, "c": 3]) { $1 }) },
            ]
        ) { base, mine, theirs in
            let (base, mine, theirs) = (members(base), members(mine), members(theirs))
            var merged = theirs
            for name in Set(base.keys).union(mine.keys) where mine[name] != base[name] { merged[name] = mine[name] }
            return object(merged)
        },
    ]
}
