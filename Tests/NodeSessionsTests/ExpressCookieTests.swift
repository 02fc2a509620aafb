import NodeSessions
import Testing

@Suite("The cookie of express-session")
struct ExpressCookieTests {
    @Test("Signatures are those of Node, byte for byte, and are accepted")
    func vectors() throws {
        let vectors = try Fixtures.read("signing-vectors.json", as: [Fixtures.Signing].self)
        #expect(vectors.count >= 7)
        for vector in vectors {
            let cookie = try ExpressCookie(secrets: [vector.secret])
            #expect(cookie.value(for: vector.value) == vector.cookieValue)
            // An empty id names no session.
            let expected = vector.value.isEmpty ? nil : vector.value
            #expect(cookie.sessionID(in: "connect.sid=" + vector.cookieValue) == expected)
        }
    }

    @Test("What Node accepts is accepted, and what it refuses is refused")
    func acceptance() throws {
        let acceptance = try Fixtures.read("cookie-acceptance.json", as: Fixtures.Acceptance.self)
        let cookie = try ExpressCookie(secrets: acceptance.secrets)
        for row in acceptance.cases {
            #expect((cookie.sessionID(in: row.cookie) != nil) == (row.accepted ?? true), "\(row.case)")
        }
    }

    @Test("Captured cookies name their records")
    func captured() throws {
        for record in try Fixtures.read("express-records.json", as: [Fixtures.Record].self) {
            guard let header = record.setCookie?.split(separator: ";").first else { continue }
            let cookie = try ExpressCookie(name: record.cookieName, secrets: record.secrets)
            #expect(cookie.sessionID(in: "a=b; \(header); c") == record.id)
            let other = try ExpressCookie(name: record.cookieName, secrets: ["another"])
            #expect(other.sessionID(in: String(header)) == nil)
        }
    }

    @Test("No secret is an error, and none is shown")
    func secrets() throws {
        #expect(throws: NodeSessionError.self) { try ExpressCookie(secrets: []) }
        #expect(throws: NodeSessionError.self) { try ExpressCookie(secrets: ["a", ""]) }
        let cookie = try ExpressCookie(secrets: ["keyboard cat"])
        var dumped = ""
        dump(cookie, to: &dumped)
        #expect(!"\(cookie) \(dumped)".contains("keyboard"))
    }
}
