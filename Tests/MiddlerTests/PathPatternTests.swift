import Foundation
import HTTPTypes
import RedisTestServer
import RegexBuilder
import SessTestSupport
import Testing

@testable import Middler

/// Patterns of all shapes, and what a slow one holds up.
@Suite struct PathPatternTests {
    private static func match(_ pattern: PathPattern, _ path: String) throws -> PathParameters? {
        let request = Request(head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: path))
        return try pattern.match(request, path: request.pathBytes)?.parameters
    }

    @Test("Names and stars match as the regular expressions do that they stand for: `([^/]+?)` and `(.*)`")
    func likeRegularExpressions() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(state: seed)
        var matches = 0
        for _ in 0..<1000 {
            let pieces = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                ["/", "a", "b.", "-", "*", ":x"].randomElement(using: &random) ?? "/"
            }
            // Two stars side by side are one. What follows a name must not lengthen it.
            let text = "/" + pieces.joined()
            guard !text.contains("**"), !text.contains(":xa"), !text.contains(":xb") else { continue }
            let expression =
                text.replacing(".", with: "\\.").replacing("-", with: "\\-").replacing("*", with: "(.*)")
                .replacing(":x", with: "([^/]+?)")
            let regex = try Regex("^\(expression)$")
            let pattern = PathPattern(text)
            for _ in 0..<30 {
                let path =
                    "/"
                    + (0..<Int.random(in: 0...9, using: &random)).map { _ in
                        ["/", "a", "b.", "-"].randomElement(using: &random) ?? "/"
                    }.joined()
                let expected = path.firstMatch(of: regex).map {
                    $0.output.dropFirst().map { String($0.substring ?? "") }
                }
                let found = try Self.match(pattern, path)
                #expect((found == nil) == (expected == nil), "\(text) \(path), seed \(seed)")
                guard let found, let expected else { continue }
                matches += 1
                // Names and stars are told apart by the pattern; each kind is in order.
                let kinds = text.filter { $0 == "*" || $0 == ":" }
                let stars = zip(kinds, expected).filter { $0.0 == "*" }.map(\.1)
                let names = zip(kinds, expected).filter { $0.0 == ":" }.map(\.1)
                #expect(found.list == stars, "\(text) \(path), seed \(seed)")
                #expect(found["x"] == names.first, "\(text) \(path), seed \(seed)")
            }
        }
        #expect(matches > 500, "seed \(seed)")
    }

    @Test("The longest path takes a moment, however many ways there are to match it")
    func longPaths() throws {
        let path = "/" + String(repeating: "a", count: 16_000)
        #expect(try Self.match("/*a*a*a*a*b", path) == nil)
        #expect(try Self.match("/*a*a*a*a*", path)?.list.first?.count == 15_996)
        #expect(try Self.match("/:x-:x-:x*b", path) == nil)
    }

    @Test("A slow match holds up nobody else")
    func slowMatch() async throws {
        let isReached = Flag()
        let isReleased = Flag()
        let pattern = PathPattern.regex(
            Regex {
                "/"
                Held(isReached: isReached, isReleased: isReleased)
            })
        let slow = Task { try await offPool { try Self.match(pattern, "/slow") != nil } }
        try await eventually { isReached.isRaised }
        let fast = try await offPool { try Self.match(pattern, "/fast") != nil }
        #expect(fast)
        let wasFirst = !isReleased.isRaised
        #expect(wasFirst)
        isReleased.raise()
        #expect(try await slow.value)
        // Both copies are there again.
        #expect(try Self.match(pattern, "/fast") != nil)
    }

    /// Takes all; for `slow` only once it is released, or after five seconds, when it releases itself.
    private struct Held: CustomConsumingRegexComponent {
        typealias RegexOutput = Substring
        let isReached: Flag
        let isReleased: Flag

        func consuming(
            _ input: String, startingAt index: String.Index, in bounds: Range<String.Index>
        ) throws -> (upperBound: String.Index, output: Substring)? {
            let rest = input[index..<bounds.upperBound]
            if rest == "slow" {
                isReached.raise()
                for _ in 0..<500 where !isReleased.isRaised { usleep(10_000) }
                isReleased.raise()
            }
            return (bounds.upperBound, rest)
        }
    }

    @Test("A regular expression that is known only when the program runs; what is none is refused")
    func texts() throws {
        #expect(try Self.match(.regex(#"^/v(?<number>\d+)$"#), "/v12")?["number"] == "12")
        #expect(try Self.match(.regex(#"^/v(?<number>\d+)$"#), "/v12/x") == nil)
        #expect(throws: (any Error).self) { try PathPattern.regex("(") }
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}
