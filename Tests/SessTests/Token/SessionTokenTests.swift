import Modeler
import Testing

@testable import Sess

private let scope = TokenNamespace("sess")

@Suite("Session tokens")
struct SessionTokenTests {
    @Test("A token's text reads back as the same token")
    func roundTrip() throws {
        for _ in 0..<1000 {
            let token = SessionToken()
            let text = Array(token.text.utf8)
            #expect(text.count == SessionToken.length)
            let read = try #require(SessionToken(text[...]))
            #expect(read.id == token.id)
            #expect(read.digest(in: scope) == token.digest(in: scope))
        }
    }

    @Test("Tokens differ from each other, and a new secret keeps the id")
    func freshness() {
        let tokens = (0..<1000).map { _ in SessionToken() }
        #expect(Set(tokens.map(\.id)).count == 1000)
        #expect(Set(tokens.map { $0.digest(in: scope) }).count == 1000)
        let rotated = SessionToken(id: tokens[0].id)
        #expect(rotated.id == tokens[0].id)
        #expect(rotated.digest(in: scope) != tokens[0].digest(in: scope))
    }

    @Test("E1 A token of one system is none in another, whatever their names begin with")
    func scopes() {
        let token = SessionToken()
        let scopes = ["sess", "admin", "sess/", "ses", "s", "sess/admin"].map { TokenNamespace($0) }
        #expect(Set(scopes.map { token.digest(in: $0) }).count == scopes.count)
    }

    @Test("L4 A text with any one byte changed is another token or none")
    func everyByteCounts() {
        let token = SessionToken()
        let text = Array(token.text.utf8)
        for position in text.indices {
            for byte in UInt8.min...UInt8.max where byte != text[position] {
                var changed = text
                changed[position] = byte
                guard let read = SessionToken(changed[...]) else { continue }
                #expect(
                    read.id != token.id || read.digest(in: scope) != token.digest(in: scope),
                    "byte \(position) does not count")
            }
        }
    }

    @Test(
        "L4 Malformed tokens are none",
        arguments: [
            "", "v1", "v1.", "v1..", "v2.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "v1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "v1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "v1.AAAAAAAAAAAAAAAAAAAAAB.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "v1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
            "v1.AAAAAAAAAAAAAAAAAAAA==.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "v1.AAAAAAAAAAAAAAAAAAAAA:.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "v1.../../../../../../../etc.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "v1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+/",
            "V1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ]
    )
    func malformed(_ text: String) {
        #expect(SessionToken(Array(text.utf8)[...]) == nil)
    }

    @Test("L4 The well-formed neighbour of the malformed ones is a token")
    func wellFormed() {
        let text = "v1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        #expect(SessionToken(Array(text.utf8)[...]) != nil)
    }

    @Test("L6 A token's description, reflection and dump have no secret")
    func redaction() {
        let token = SessionToken()
        let secret = token.text.split(separator: ".")[2]
        #expect(!"\(token)".contains(secret))
        #expect(!String(reflecting: token).contains(secret))
    }

    @Test("Random bytes are handed out once, also across pages and threads")
    func randomBytes() async {
        let chunks = await withTaskGroup(of: [SIMD32<UInt8>].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    (0..<5000).map { _ in
                        var chunk = SIMD32<UInt8>()
                        withUnsafeMutableBytes(of: &chunk) { RandomBytes.shared.fill($0) }
                        return chunk
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(chunks).count == 20_000)
    }
}
