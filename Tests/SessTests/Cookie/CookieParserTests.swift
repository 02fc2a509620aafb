import HTTPTypes
import Testing

@testable import Sess

@Suite("The Cookie header")
struct CookieParserTests {
    private func values(_ headers: [String], name: String = "sess") -> [String] {
        var fields = HTTPFields()
        for header in headers {
            // As lenient as a server that hands on what it was sent.
            fields.append(HTTPField(name: .cookie, lenientValue: Array(header.utf8)))
        }
        return CookieParser(name: name).values(in: fields).map { String(decoding: $0, as: UTF8.self) }
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
            Row("sess=a; sess=b; sess=c", ["a", "b"]),
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

    @Test("L5 Several fields are read in order, two values at most")
    func severalFields() {
        #expect(values(["a=b; sess=1", "sess=2", "sess=3"]) == ["1", "2"])
    }

    @Test("F5 What comes after the first 8 KiB is not considered")
    func considered() {
        let filler = "a=" + String(repeating: "x", count: 8 * 1024 - 2)
        #expect(values(["\(filler); sess=late"]) == [])
        #expect(values([filler, "sess=late"]) == [])
        #expect(values(["sess=early; \(filler)"]) == ["early"])
        #expect(values([String(repeating: "a=b; ", count: 10_000) + "sess=late"]) == [])
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
