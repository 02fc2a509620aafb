import Foundation
import HTTPTypes
import RedisTestServer
import Testing

@testable import Sess

@Suite("Cookie fields of any bytes")
struct CookieFuzzTests {
    private let parser = CookieParser(name: "sess")
    private let codecs: [TokenCodec]

    init() throws {
        var options = SessionOptions()
        let plain = TokenCodec(options)
        options.makeID = { _ in "id" }
        let anyID = TokenCodec(options)
        options.tokens.signingKeys = try SigningKeys(["0123456789abcdef"])
        codecs = [plain, anyID, TokenCodec(options)]
    }

    @Test("F3 Random and mutated Cookie fields: a plain reading finds the same values, and a token has one spelling")
    func noise() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("F3 cookies: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let seeds = seeds()
        for round in 0..<TestScale.count(2_000, full: 1_000_000) {
            await Task.yield()
            let length = round % 200 == 0 ? 8 << 10 : Int.random(in: 0..<200, using: &generator)
            let bytes =
                Bool.random(using: &generator)
                ? random(length, seeds, using: &generator) : mutated(seeds, using: &generator)
            check(bytes, "seed \(seed), round \(round)")
        }
    }

    @Test("F3 Eight KiB take no longer than their bytes, whatever they are: no pair is read twice")
    func long() throws {
        let count = 8 << 10
        func filled(with text: String) -> [UInt8] {
            Array(String(repeating: text, count: count / text.utf8.count + 1).utf8.prefix(count))
        }
        for text in ["s", "sess=", "sess=;", ";", " ", "\t ;", "=", "sess", "\"", "sess=a; ", " sess =a;"] {
            let header = filled(with: text)
            check(header, text)
            let fields = fields([header])
            let times = (0..<20).map { _ in
                processorTime { parser.forEachValue(in: fields, lengths: 0...100) { _ in } }
            }
            // A debug build's; optimized it is a twentieth of this.
            #expect(times.min() ?? .zero < .milliseconds(20), "\(text): \(times)")
        }
    }

    private func check(_ header: [UInt8], _ comment: @autoclosure () -> String) {
        let fields = fields([header])
        // A field's value is text: bytes that are none are replaced.
        let text = Array((fields[values: .cookie].first ?? "").utf8)
        var found: [ArraySlice<UInt8>] = []
        parser.forEachValue(in: fields, lengths: 0...Int.max) { found.append($0) }
        if found.map(Array.init) != plainValues(in: text) { Issue.record("\(comment()): \(found) in \(text)") }
        for value in found + [header[...]] {
            for codec in codecs {
                guard case .token(let parsed) = codec.read(value) else { continue }
                let spelling = parsed.other.map { $0.text(or: parsed.token) } ?? parsed.token.text
                if !value.starts(with: spelling.utf8) { Issue.record("\(comment()): \(spelling) of \(value)") }
            }
        }
    }

    /// The values of the cookie by the words of RFC 6265 §5.4.
    private func plainValues(in header: [UInt8]) -> [[UInt8]] {
        header.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).compactMap { pair in
            var pair = pair.drop { $0 == 0x20 || $0 == 0x09 }
            while let last = pair.last, last == 0x20 || last == 0x09 { pair.removeLast() }
            return pair.starts(with: "sess=".utf8) ? Array(pair.dropFirst(5)) : nil
        }
    }

    private func fields(_ headers: [[UInt8]]) -> HTTPFields {
        var fields = HTTPFields()
        for header in headers { fields.append(HTTPField(name: .cookie, lenientValue: header[...])) }
        return fields
    }

    private func seeds() -> [[UInt8]] {
        let token = SessionToken()
        let text = token.text
        return [
            "sess=\(text)", "a=b; sess=\(text.dropLast())~; c", "sess=\(token.text(or: SessionToken(id: token.id)))",
            "sess=v1.alice.\(text.suffix(SessionToken.secretLength)); sess=\"\(text)\"", "x=y;\tsess=1 ; sess = 2;;=",
            "\(text).AAAA\(text.suffix(SessionToken.secretLength))",
        ].map { Array($0.utf8) }
    }

    /// Parts of headers in any order, of at least so many bytes.
    private func random(_ count: Int, _ seeds: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
        let parts =
            ["sess", "sess=", "sess=1", "=", ";", "; ", " ", "\t", "\"", "v1.", ".", "~", "a", "\u{0}", "é", "\u{A0}"]
            .map { Array($0.utf8) } + seeds + [[0x80], [0xC3], [0xFF]]
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += parts.randomElement(using: &generator) ?? [] }
        return bytes
    }

    /// A seed with a few bytes changed, dropped, doubled or taken from another.
    private func mutated(_ seeds: [[UInt8]], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = seeds.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            guard let position = bytes.indices.randomElement(using: &generator) else { break }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.remove(at: position)
            case 2: bytes.insert(contentsOf: bytes[position...].prefix(8), at: position)
            default: bytes[position...] = (seeds.randomElement(using: &generator) ?? []).dropFirst(position)
            }
        }
        return bytes
    }

    /// The time of the thread, which other load on the machine doesn't count in.
    private func processorTime(_ body: () -> Void) -> Duration {
        func now() -> Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        let start = now()
        body()
        return now() - start
    }
}
