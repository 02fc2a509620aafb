import Foundation
import Modeler
import Testing

@Suite("Encoded JSON")
struct EncodedJSONTests {
    struct Cart: Codable, Equatable {
        var items: [String]
        var total: Double
        var extra: JSONValue
        var raw: EncodedJSON
    }

    @Test("Codable values survive, JSON values inside them too")
    func codable() throws {
        let cart = Cart(
            items: ["a/b", "é"],
            total: 1.5,
            extra: ["n": 1, "x": [nil, true, "t", 0.25]],
            raw: try EncodedJSON(["k": 1])
        )
        #expect(try EncodedJSON(encoding: cart).decode(Cart.self) == cart)
        let date = Date(timeIntervalSinceReferenceDate: 123.456)
        #expect(try EncodedJSON(encoding: date).decode(Date.self) == date)
    }

    @Test("Plain types take the short way with the same result")
    func direct() throws {
        func check<T: Codable & Equatable>(_ value: T, _ text: String) throws {
            let encoded = try EncodedJSON(encoding: value)
            #expect(encoded.text == text)
            #expect(try encoded.decode(T.self) == value)
            #expect(try JSONDecoder().decode(T.self, from: Data(encoded.bytes)) == value)
        }
        try check("a\"b/é", #""a\"b/é""#)
        try check(7, "7")
        try check(UInt64.max, "18446744073709551615")
        try check(Int8.min, "-128")
        try check(true, "true")
        try check(2.0, "2.0")
        try check(["a", "b"], #"["a","b"]"#)
        try check(["b": 1, "a": 2], #"{"a":2,"b":1}"#)
        try check([1, nil] as [Int?], "[1,null]")
        try check(nil as String?, "null")
        try check("x" as String?, #""x""#)
    }

    @Test("Errors name the type and the path, never the value")
    func errors() throws {
        let secret = try EncodedJSON(["items": ["hunter2"], "total": "hunter2", "extra": nil, "raw": nil])
        let wrong = #expect(throws: ModelError.self) { try secret.decode(Cart.self) }
        #expect(wrong?.code == .invalidJSON)
        #expect(wrong?.message.contains("Cart") == true && wrong?.message.contains("total") == true)
        #expect(wrong.map { "\($0)".contains("hunter2") } == false)
        for type: any Decodable.Type in [Int.self, Bool.self, [String].self, Double.self, JSONObject.self] {
            let error = #expect(throws: ModelError.self) { try EncodedJSON("hunter2").decode(type) }
            #expect(error.map { "\($0)".contains("hunter2") } == false)
        }
        #expect(throws: ModelError.self) { try EncodedJSON(encoding: Double.nan) }
        #expect(throws: ModelError.self) { try EncodedJSON(encoding: ["a": Double.nan]) }
        #expect(throws: ModelError.self) { try EncodedJSON(300).decode(Int8.self) }
    }

    @Test("Members keep the bytes of their values")
    func members() throws {
        var members = try JSONMembers(
            parsing: ArraySlice(#" x{ "a" : 1.50 , "\u0062":{"c": [1, 2]}, "a":2e0} "#.utf8)[2...]
        )
        #expect(members.map(\.name) == ["a", "b"])
        #expect(members["a"]?.text == "2e0" && members["b"]?.text == #"{"c": [1, 2]}"#)
        #expect(members.encoded().text == #"{"a":2e0,"b":{"c": [1, 2]}}"#)
        members["a"] = nil
        members["z"] = .null
        #expect(members.encoded().text == #"{"b":{"c": [1, 2]},"z":null}"#)
        for text in ["[]", "1", "", "{", #"{"a":1"#, #"{"a":01}"#, "{}x"] {
            #expect(throws: ModelError.self) { try JSONMembers(parsing: text.utf8) }
        }
    }
}
