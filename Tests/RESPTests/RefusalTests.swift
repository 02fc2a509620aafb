import Foundation
import RESP
import Testing

@Suite struct RefusalTests {
    @Test(
        "F2 Announced sizes beyond the limits are refused before anything else comes",
        arguments: [
            ("$1000000000000000000\r\n", RESPError.Code.tooLong),
            ("$9223372036854775807\r\n", .tooLong),
            ("$99999999999999999999\r\n", .malformed),
            ("*2147483647\r\n", .tooManyElements),
            ("*1000000000\r\n", .tooManyElements),
            ("*3\r\n:1\r\n$1000000000000\r\n", .tooLong),
            ("*1\r\n*1048577\r\n", .tooManyElements),
        ]
    )
    func announced(text: String, code: RESPError.Code) throws {
        let before = residentBytes()
        #expect(refusal(text) == code)
        // Other tests run at the same time; what is announced would take gigabytes.
        #expect(residentBytes() - before < 256 << 20)
    }

    @Test("F2 Seven nested arrays are read, eight and a thousand are refused")
    func depth() {
        #expect(refusal(String(repeating: "*1\r\n", count: 7) + ":1\r\n") == nil)
        #expect(refusal(String(repeating: "*1\r\n", count: 8) + ":1\r\n") == .tooDeep)
        #expect(refusal(String(repeating: "*1\r\n", count: 1000)) == .tooDeep)
    }

    @Test("F2 Elements and bytes are counted over all of a reply")
    func totals() {
        var limits = RESPLimits()
        limits.maximumElements = 4
        limits.maximumReplyBytes = 10
        #expect(refusal("*2\r\n*1\r\n:1\r\n*1\r\n:1\r\n", limits: limits) == nil)
        #expect(refusal("*2\r\n*2\r\n:1\r\n:1\r\n*1\r\n", limits: limits) == .tooManyElements)
        #expect(refusal("*2\r\n$5\r\nabcde\r\n$5\r\nabcde\r\n", limits: limits) == nil)
        #expect(refusal("*2\r\n$5\r\nabcde\r\n$6\r\n", limits: limits) == .tooLong)
        #expect(refusal("*2\r\n$5\r\nabcde\r\n+abcdef\r\n", limits: limits) == .tooLong)
    }

    @Test("F2 Each of several replies to one request has the whole of the bounds")
    func totalsOfEach() {
        var limits = RESPLimits()
        limits.maximumElements = 2
        limits.maximumReplyBytes = 10
        let two = "*2\r\n$5\r\nabcde\r\n$5\r\nabcde\r\n"
        #expect(refusal("$9\r\nabcdefghi\r\n" + two + two, limits: limits) == nil)
        #expect(refusal(two + "*3\r\n", limits: limits) == .tooManyElements)
        #expect(refusal(two + "$11\r\n", limits: limits) == .tooLong)
    }

    @Test("F2 A line without an end is refused")
    func endlessLine() {
        let limits = RESPLimits()
        #expect(refusal("+" + String(repeating: "x", count: limits.maximumLineBytes + 1)) == .tooLong)
        #expect(refusal("$" + String(repeating: "1", count: 30)) != nil)
        #expect(refusal(":" + String(repeating: "1", count: 30)) != nil)
        #expect(refusal("*" + String(repeating: "1", count: 30)) != nil)
    }

    @Test("F2 A line as long as the limit is read, and a longer one refused, wherever they are cut")
    func longestLine() throws {
        var limits = RESPLimits()
        limits.maximumLineBytes = 20
        for mark in ["+", "-"] {
            for count in [20, 21] {
                let wire = Array("\(mark)\(String(repeating: "x", count: count))\r\n".utf8)
                for cut in wire.indices {
                    let read = try? read([Array(wire[..<cut]), Array(wire[cut...])], limits: limits)
                    #expect((read?.count == 1) == (count == 20), "\(count) bytes, cut at \(cut)")
                }
            }
        }
    }

    @Test(
        "F2 What is not RESP2 is refused",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-x\r\n", "$3\r\nabcXY", "$1\r\nab\r\n", ":1x\r\n", ":\r\n",
            "$x\r\n", "*x\r\n", "*-2\r\n", "$-2\r\n", "+a\rb\r\n", "-a\nb\r\n", "%1\r\n+a\r\n+b\r\n", "~1\r\n:1\r\n",
            "_\r\n",
            "#t\r\n", ",1.5\r\n", "(123\r\n", "=5\r\ntxt:a\r\n", ">1\r\n+a\r\n", "|1\r\n+a\r\n+b\r\n", "!3\r\nabc\r\n",
            "\u{15}\u{3}\u{1}",
        ]
    )
    func malformed(text: String) {
        #expect(refusal(text) != nil)
    }

    @Test("F2 A refusal is final")
    func final() throws {
        var reader = try RESPReader()
        try Array("?\r\n".utf8).withUnsafeBytes { try reader.feed($0) }
        #expect(throws: RESPError.self) { _ = try reader.next() }
        #expect(throws: RESPError.self) { try Array("+OK\r\n".utf8).withUnsafeBytes { try reader.feed($0) } }
        #expect(throws: RESPError.self) { _ = try reader.next() }
    }

    @Test("F2 Random bytes never trap")
    func noise() async {
        let seed = UInt64.random(in: 0 ... .max)
        print("F2 seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("$*+-:0123456789\r\n\r\n\r\n-1a".utf8)
        for _ in 0..<20_000 {
            await Task.yield()
            let count = Int.random(in: 1..<60, using: &generator)
            _ = refusal((0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 })
        }
    }

    private func residentBytes() -> Int {
        let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (Int(statm.split(separator: " ").dropFirst().first ?? "0") ?? 0) * 4096
    }
}
