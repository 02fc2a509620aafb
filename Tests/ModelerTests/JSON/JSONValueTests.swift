import Modeler
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test(
        "S6 Texts, numbers, booleans and null survive a round trip exactly",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "3.0", "0.1", "1e+19",
            "5e-324", "-0.0", #""""#, #""Grüße, 世界 🎉 \"\\/\n\t\r\u0000\u001f""#, "[]", "{}",
            #"[1,[2,[3]],{"a":{"b":[]}}]"#,
            "0.30000000000000001", "92233720368547759000", "1.50", "1E2", "-0", "10000000000000000000",
            "18446744073709551615", "0.1234567890123456789", "1e400", "1e-400", "123456789012345678901234567890",
        ]
    )
    func roundTrip(text: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(try EncodedJSON(value).text == text)
        #expect(try EncodedJSON(encoding: value).decode(JSONValue.self) == value)
        #expect(try EncodedJSON(validating: " \r\n\t\(text)\n ".utf8).text == text)
    }

    @Test("S6 Integers and doubles stay what they are")
    func numbers() throws {
        #expect(try JSONValue(parsing: "3") == .integer(3))
        #expect(try JSONValue(parsing: "3.0") == .double(3))
        #expect(try JSONValue(parsing: "1E5") == .double(100_000))
        #expect(try JSONValue(parsing: "-0").double?.sign == .minus)
        #expect(try JSONValue(parsing: "10000000000000000000").double == 1e19)
        #expect(try JSONValue(parsing: "18446744073709551615") == .number("18446744073709551615"))
    }

    @Test("Escapes become their characters")
    func escapes() throws {
        #expect(try JSONValue(parsing: #""\u00e9\ud83c\uDF89\/\b\f""#) == .string("é🎉/\u{8}\u{C}"))
    }

    @Test(
        "What RFC 8259 doesn't allow is refused",
        arguments: [
            "", " ", "nul", "tru", "True", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "[1,]",
            "[,1]",
            "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "\"", "\"\\", "\"\\x\"", "\"\\u12\"",
            "\"\\u12G4\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"a\nb\"",
            "\"\u{0}\"",
            "1 2", "[1]]", "// c\n1", "\u{FEFF}1", "[", "{", "[[", "{\"a\":[}", "--1", "1-", "1e5.5",
        ]
    )
    func malformed(text: String) {
        let error = #expect(throws: ModelError.self) { try JSONValue(parsing: text) }
        #expect(error?.code == .invalidJSON)
        #expect(throws: ModelError.self) { try EncodedJSON(validating: text.utf8) }
    }

    @Test(
        "Text that is no UTF-8 is refused",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82], [0xC3], [0xF0, 0x9F, 0x8E],
        ] as [[UInt8]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: ModelError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
        #expect(throws: ModelError.self) { try EncodedJSON(validating: [0x22] + bytes) }
    }

    @Test("Depth and size are limited")
    func limits() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
        #expect(throws: ModelError.self) { try JSONValue(parsing: nested(65)) }
        #expect(throws: ModelError.self) { try EncodedJSON(validating: nested(100_000).utf8) }
        #expect(throws: ModelError.self) { try JSONValue(parsing: "[1,2]", limits: JSONLimits(maximumBytes: 4)) }
    }

    @Test("What is nested too deep is not written, and what an append has made deeper is read")
    func deep() throws {
        func nested(_ depth: Int) -> JSONValue {
            (0..<depth).reduce(1) { value, _ in [value] }
        }
        let empty: JSONValue = .array([])
        let bottomless = (0..<127).reduce(empty) { value, _ in [value] }
        for deepest in [nested(128), bottomless] {
            let encoded = try EncodedJSON(deepest)
            #expect(try encoded.value() == deepest)
            #expect(try EncodedJSON(validating: encoded.bytes, limits: JSONLimits(maximumDepth: 128)) == encoded)
            // An append, and a member with others, put one more around it.
            #expect(try Fields.append(encoded, to: nil, maximum: 9).value() == [deepest])
            #expect(try JSONMembers([("a", encoded)]).encoded().value() == ["a": deepest])
        }
        #expect(throws: ModelError.self) { try EncodedJSON(nested(129)) }
        #expect(throws: ModelError.self) { try EncodedJSON([bottomless]) }
        #expect(throws: ModelError.self) { try EncodedJSON(encoding: [nested(128)]) }
        #expect(throws: ModelError.self) { try EncodedJSON(encoding: ["a": bottomless]) }
        #expect(throws: ModelError.self) { try EncodedJSON(encoding: [EncodedJSON(bottomless)]) }
        #expect(throws: ModelError.self) { try EncodedJSON(encoding: Nested(depth: 129)) }
        #expect(try EncodedJSON(encoding: Nested(depth: 128)).value().array?.count == 1)
        #expect(throws: ModelError.self) { try JSONValue(parsing: EncodedJSON(nested(65)).bytes) }
    }

    /// Arrays in each other, by way of `JSONEncoder`.
    private struct Nested: Encodable {
        var depth: Int

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            if depth > 1 { try container.encode(Nested(depth: depth - 1)) }
        }
    }

    @Test("Numbers are equal where they are the same number of the same kind, however they are written")
    func equalNumbers() throws {
        let equal: [(String, JSONValue)] = [
            ("1.50", 1.5), ("1e2", 100.0), ("0.015E+2", 1.5), ("-0", 0), ("-0.00", 0.0), ("100e-3", .number("0.1")),
            ("10000000000000000000", .number("10000000000000000000")),
        ]
        for (text, value) in equal {
            let parsed = try JSONValue(parsing: text)
            #expect(parsed == value && value == parsed, "\(text)")
            #expect(parsed.hashValue == value.hashValue, "\(text)")
        }
        let different: [(String, JSONValue)] = [
            ("1e2", 100), ("0.30000000000000001", 0.3), ("1e99999999999999999999", .number("1e99999999999999999998")),
            ("10000000000000000000", 1e19), ("92233720368547759000.0", 9.2233720368547759e19), ("1.50", -1.5),
            ("0.0", 0),
        ]
        for (text, value) in different { #expect(try JSONValue(parsing: text) != value, "\(text)") }
        #expect(JSONValue.number("x") != .number("y") && JSONValue.number("x") != 0)
    }

    @Test("An integer is read from every number that is one")
    func integers() throws {
        for (text, expected) in [
            ("1e2", 100), ("100.0", 100), ("0.05e3", 50), ("-0", 0), ("9223372036854775807.0", Int.max),
            ("-9223372036854775808e0", Int.min), ("9223372036854775808", nil), ("1.5", nil), ("1.50", nil),
            ("1e400", nil), ("1e-400", nil), ("1e99999999999999999999", nil),
        ] {
            #expect(try JSONValue(parsing: text).int == expected, "\(text)")
        }
    }

    @Test("Numbers without a JSON form are refused")
    func notFinite() {
        for value: JSONValue in [.double(.nan), .double(.infinity), .number("1 2"), .number("x"), .number("")] {
            let error = #expect(throws: ModelError.self) { try EncodedJSON([value]) }
            #expect(error?.code == .invalidJSON)
        }
    }

    @Test("S7 Members are set at any depth and keep their neighbours")
    func subscripts() {
        var value: JSONValue = nil
        value["its"]["working"] = true
        value["its"]["n"] = 1
        value["list"][0] = "a"
        value["list"][7] = "b"
        #expect(value == ["its": ["working": true, "n": 1], "list": ["a", "b"]])
        #expect(value["none"]["of"][3].isNull)
        #expect(value["its"].removeMember("n") == 1)
        #expect(value["its"].removeMember("n") == nil)
        value["list"]["member"] = nil
        value["none"]["of"] = nil
        value["its"]["n"] = nil
        #expect(value == ["list": ["a", "b"], "its": ["working": true]])
        value["its"]["working"] = nil
        value["kept"] = ["null": nil]
        #expect(value == ["list": ["a", "b"], "its": [:], "kept": ["null": .null]])
    }

    @Test("Objects keep the order of their members and compare without it")
    func objects() throws {
        let names = (0..<40).map { "n\($0)" }
        var object = JSONObject(names.map { (name: $0, value: .string($0)) })
        #expect(object.names == names)
        #expect(object == JSONObject(names.reversed().map { (name: $0, value: .string($0)) }))
        #expect(object.hashValue == JSONObject(names.reversed().map { (name: $0, value: .string($0)) }).hashValue)
        object["n3"] = nil
        #expect(object["n4"] == "n4" && object["n39"] == "n39" && object["n3"] == nil && object.count == 39)
        let doubled = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)
        #expect(try EncodedJSON(doubled).text == #"{"a":3,"b":2}"#)
        let composed = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(composed.object?.count == 2)
    }
}

extension EncodedJSON {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
