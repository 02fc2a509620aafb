import Foundation
import HTTPTypes

@testable import Sess

/// Whatever a client sends, the values of the cookie are those that a plain reading finds, each token has one spelling,
/// and other header fields are read or refused.
enum CookieTarget {
    private static let parsers = ["sess", "__Host-id"].map { CookieParser(name: $0) }
    private static let codecs: [TokenCodec] = {
        var options = SessionOptions()
        let plain = TokenCodec(options)
        options.makeID = { _ in "id" }
        let anyID = TokenCodec(options)
        options.tokens.signingKeys = try? SigningKeys(["0123456789abcdef", "fedcba9876543210"])
        return [plain, anyID, TokenCodec(options)]
    }()

    static func run(_ input: [UInt8]) {
        let lines = input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var fields = HTTPFields()
        for line in lines {
            fields.append(HTTPField(name: .cookie, lenientValue: line))
            fields.append(HTTPField(name: .authorization, lenientValue: line))
        }
        for parser in parsers {
            for lengths in [0...Int.max, 4...60] {
                var found: [ArraySlice<UInt8>] = []
                parser.forEachValue(in: fields, lengths: lengths) { found.append($0) }
                let expected = fields[values: .cookie].flatMap { values(in: Array($0.utf8), of: parser.name) }
                require(
                    found.map(Array.init) == expected.filter { lengths.contains($0.count) },
                    "found: \(found.map { String(decoding: $0, as: UTF8.self) })")
                for value in found { check(value) }
            }
        }
        for line in lines { check(line) }
        SessionTransport.bearer.forEachCandidate(in: fields, cookies: parsers[0], lengths: 0...Int.max) { _ in }
        checkForwarded(fields[values: .cookie])
    }

    /// The values of a cookie, by the words of RFC 6265 §5.4 and no other means.
    private static func values(in header: [UInt8], of name: [UInt8]) -> [[UInt8]] {
        header.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).compactMap { pair in
            func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            let start = pair.drop(while: isBlank)
            let end = start.lastIndex { !isBlank($0) }.map { start[...$0] } ?? start[..<start.startIndex]
            guard end.starts(with: name + [UInt8(ascii: "=")]) else { return nil }
            return Array(end.dropFirst(name.count + 1))
        }
    }

    /// A text that is a token is that token's text.
    private static func check(_ text: ArraySlice<UInt8>) {
        for codec in codecs {
            guard case .token(let parsed) = codec.read(text) else { continue }
            let written = parsed.other.map { $0.text(or: parsed.token) } ?? parsed.token.text
            require(
                text.starts(with: written.utf8), "\(written) was \(String(decoding: text, as: UTF8.self))")
        }
    }

    private static func checkForwarded(_ fields: [String]) {
        guard let proxies = try? TrustedProxies(["10.0.0.0/8", "fd00::/8"]) else { fatalError("no proxies") }
        if let header = ForwardedHeader(fields) { _ = header.scheme(trusting: proxies) }
        for field in fields {
            _ = proxies.contains(field)
            _ = try? TrustedProxies([field])
        }
    }
}
