import Modeler
import Testing

/// S19: of several members with one name every reader sees the last.
@Suite struct DuplicateMemberTests {
    struct Account: Codable, Equatable {
        var role: String
    }

    struct Wrapper: Codable, Equatable {
        var accounts: [Account]
    }

    @Test(
        "Of two members with one name the last stands, at the place of the first, at every depth",
        arguments: [
            (#"{"role":"user","role":"admin"}"#, #"{"role":"admin"}"#),
            (#"{"role":"user","a":1,"\u0072ole":"admin"}"#, #"{"role":"admin","a":1}"#),
            (#"[1,{"x":{"a":1, "b":2, "a":3.50}}]"#, #"[1,{"x":{"a":3.50,"b":2}}]"#),
            (#"{"a":{"a":1},"b":{"a":[1,2]},"a":{"b":1,"b":2}}"#, #"{"a":{"b":2},"b":{"a":[1,2]}}"#),
            (#"{"":1,"":92233720368547759000}"#, #"{"":92233720368547759000}"#),
        ]
    )
    func lastStands(_ given: String, _ expected: String) throws {
        #expect(try EncodedJSON(validating: given.utf8).text == expected)
        #expect(try JSONMembers(parsing: #"{"k":\#(given)}"#.utf8)["k"]?.text == expected)
        #expect(
            try EncodedJSON(unchecked: ArraySlice("[\(given)]".utf8)).decode([EncodedJSON].self)[0].text == expected)
        let parsed = try JSONValue(parsing: given)
        #expect(try EncodedJSON(parsed).text == expected)
    }

    @Test("A text without them keeps its very bytes, also where objects beside and in each other share names")
    func others() throws {
        let names = (0..<40).map { #""n\#($0)": {"n\#($0)" : 1}"# }.joined(separator: " , ")
        for text in [
            #"{ "a" : {"a":{"a":1}}, "b": [{"a":1},{"a":1.0}] }"#, "{\"\u{e9}\":1,\"e\u{301}\":2}", "{\(names)}", "{}",
        ] {
            #expect(try EncodedJSON(validating: text.utf8).text == text)
        }
    }

    @Test("The last of many members stands too")
    func many() throws {
        let names = (0..<100).map { "\"n\($0)\":{\"x\":\($0)}" }.joined(separator: ",")
        let value = try EncodedJSON(validating: "{\(names),\"n3\":7,\"\\u006e99\":8}".utf8)
        let members = try #require(try value.value().object)
        #expect(members.count == 100 && members["n3"] == 7 && members["n99"] == 8 && members["n4"] == ["x": 4])
        let kept = try JSONMembers(parsing: value.bytes).map(\.name)
        #expect(kept == (0..<100).map { "n\($0)" })
        #expect(value.text.ranges(of: "\"n3\":").count == 1 && !value.text.contains("u006e"))
    }

    @Test("A checking reader and a using one see one value, also of what a store held before")
    func oneValue() throws {
        let text = #"{"accounts":[{"role":"user","role":"admin"}]}"#
        for encoded in [
            try EncodedJSON(validating: text.utf8), EncodedJSON(unchecked: ArraySlice(text.utf8)),
        ] {
            #expect(try encoded.decode(Wrapper.self).accounts == [Account(role: "admin")])
            #expect(try encoded.value()["accounts"][0]["role"] == "admin")
            #expect(try encoded.decode([String: [[String: String]]].self)["accounts"]?[0]["role"] == "admin")
        }
    }

    @Test("Members that are given with one name are one member")
    func members() throws {
        let members = JSONMembers([("a", try EncodedJSON(1)), ("b", try EncodedJSON(2)), ("a", try EncodedJSON(3))])
        #expect(members.encoded().text == #"{"a":3,"b":2}"#)
    }

    @Test("Ten times as many members take about ten times as long", .timeLimit(.minutes(1)))
    func linear() throws {
        func text(_ count: Int) -> [UInt8] {
            Array("{\((0..<count).map { "\"member\($0)\":0" }.joined(separator: ","))}".utf8)
        }
        let (few, many) = (text(10_000), text(100_000))
        let clock = ContinuousClock()
        let first = try clock.measure { _ = try EncodedJSON(validating: few) }
        let second = try clock.measure { _ = try EncodedJSON(validating: many) }
        #expect(second < max(first, .milliseconds(5)) * 50)
    }
}
