import HTTPTypes
import Testing

@testable import Sess

@Suite("The Cookie header")
struct CookieParserTests {
    private func values(
        _ headers: [String], name: String = "sess", lengths: ClosedRange<Int> = 0...100
    ) -> [String] {
        var fields = HTTPFields()
        for header in headers {
            // As lenient as a server that hands on what it was sent.
            fields.append(HTTPField(name: .cookie, lenientValue: Array(header.utf8)))
        }
        var values: [String] = []
        CookieParser(name: name).forEachValue(in: fields, lengths: lengths) {
            values.append(String(decoding: $0, as: UTF8.self))
        }
        return values
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var header: String
        var found: [String]
        init(_ header: String, _ found: [String]) {
            self.header = header
            self.found = found
        }
        var testDescription: String { header.prefix(60).debugDescription }
    }

    @Test(
        "F5 One name is found exactly, and nothing that resembles it",
        arguments: [
            Row("sess=a", ["a"]),
            Row("a=b; sess=c", ["c"]),
            Row("a=b;sess=c", ["c"]),
            Row(" \t sess=c \t ;x=y", ["c"]),
            Row("sess=", [""]),
            Row("sess", []),
            Row("=sess", []),
            Row("sess =a", []),
            Row("SESS=a", []),
            Row("xsess=a", []),
            Row("sessx=a", []),
            Row("sess=a=b=c", ["a=b=c"]),
            Row("sess=\"a\"", ["\"a\""]),
            Row("\"sess=a\"", []),
            Row("x=\"; sess=a; y=\"", ["a"]),
            Row("$Version=1; sess=a; $Path=/", ["a"]),
            Row("$sess=a", []),
            Row("sess=%61", ["%61"]),
            Row("sess=a, sess=b", ["a, sess=b"]),
            Row("sess=a; sess=b", ["a", "b"]),
            Row("sess=a; sess=b; sess=c", ["a", "b", "c"]),
            Row(";;;;sess=a;;;;", ["a"]),
            Row("\u{00A0}sess=a", []),
            Row("\u{2003}sess=a", []),
            Row("\u{FEFF}sess=a", []),
            Row("sess\u{0000}=a", []),
            Row("__Host-sess=a", []),
            Row("", []),
            Row(";", []),
            Row("=", []),
        ]
    )
    func table(_ row: Row) {
        #expect(values([row.header]) == row.found)
    }

    @Test("L5 Several fields are read in order, and values of a length that no token has are passed over")
    func severalFields() {
        #expect(values(["a=b; sess=1", "sess=2", "sess=3"]) == ["1", "2", "3"])
        let header = "sess=; sess=x; sess=1234; sess=12345; sess=123456"
        #expect(values([header], lengths: 4...5) == ["1234", "12345"])
    }

    @Test("L5 A value is found wherever it stands")
    func anywhere() {
        let filler = "a=" + String(repeating: "x", count: 30 * 1024)
        #expect(values(["\(filler); sess=late"]) == ["late"])
        #expect(values([filler, "sess=late"]) == ["late"])
        #expect(values([String(repeating: "a=b; ", count: 10_000) + "sess=late"]) == ["late"])
        #expect(values([String(repeating: "s", count: 1_000_000)]) == [])
    }

    @Test("A name with a prefix is found as it is")
    func prefixed() {
        #expect(values(["__Host-id=a; id=b"], name: "__Host-id") == ["a"])
        #expect(values(["__Host-id=a; id=b"], name: "id") == ["b"])
    }
}

extension HTTPField {
    fileprivate init(name: Name, lenientValue: [UInt8]) {
        self.init(name: name, lenientValue: lenientValue[...])
    }
}
