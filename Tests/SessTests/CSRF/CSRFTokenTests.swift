import Modeler
import Testing

@testable import Sess

@Suite("Tokens of forms")
struct CSRFTokenTests {
    @Test("A session's tokens are valid for it, each another text, and for no other session")
    func binding() async throws {
        let app = try TestApp()
        let (alice, bob) = (app.browser(), app.browser())
        var texts: Set<String> = []
        for _ in 0..<3 { texts.insert(try await app.visit(alice) { try await $0.csrfToken() }) }
        #expect(texts.count == 3)
        let other = try await app.visit(bob) { try await $0.csrfToken() }
        try await app.visit(alice) { session in
            for text in texts { #expect(session.isValidCSRFToken(text)) }
            #expect(!session.isValidCSRFToken(other))
            #expect(session.names == [] && session.data == [:])
        }
        try await app.visit(bob) { session in
            for text in texts { #expect(!session.isValidCSRFToken(text)) }
            #expect(session.isValidCSRFToken(other))
        }
        try await app.visit(app.browser()) { #expect(!$0.isValidCSRFToken(other)) }
    }

    @Test("Garbage is no token")
    func garbage() async throws {
        let app = try TestApp()
        let client = app.browser()
        let text = try await app.visit(client) { try await $0.csrfToken() }
        try await app.visit(client) { session in
            #expect(session.isValidCSRFToken(text))
            for position in text.indices {
                var changed = text
                changed.replaceSubrange(position...position, with: text[position] == "A" ? "B" : "A")
                #expect(!session.isValidCSRFToken(changed), "\(changed)")
            }
            let zeros = String(repeating: "A", count: CSRFToken.textLength)
            for text in ["", "x", text + "A", String(text.dropLast()), text + "=", zeros, " " + text, "\u{e9}"] {
                #expect(!session.isValidCSRFToken(text), "\(text)")
            }
        }
    }

    @Test("A sign-in, a sign-out and another user's sign-in end the tokens of before; a rotation and a save don't")
    func signIn() async throws {
        let app = try TestApp()
        let client = app.browser()
        let before = try await app.visit(client) { try await $0.csrfToken() }
        try await app.visit(client) { session in
            session["a"] = 1
            try await session.rotate()
        }
        try await app.visit(client) { session in
            #expect(session.isValidCSRFToken(before))
            try await session.signIn(userID: "alice")
            #expect(!session.isValidCSRFToken(before))
        }
        let signedIn = try await app.visit(client) { session in
            #expect(!session.isValidCSRFToken(before))
            return try await session.csrfToken()
        }
        app.clock.advance(by: .seconds(1))
        try await app.visit(client) { session in
            try await app.manager.revokeOthers(than: session)
            #expect(session.isValidCSRFToken(signedIn))
        }
        try await app.visit(client) { session in
            #expect(session.isValidCSRFToken(signedIn))
            try await session.signIn(userID: "alice")
        }
        let again = try await app.visit(client) { session in
            #expect(!session.isValidCSRFToken(signedIn))
            return try await session.csrfToken()
        }
        try await app.visit(client) { try await $0.signIn(userID: "bob") }
        try await app.visit(client) { session in
            for text in [before, signedIn, again] { #expect(!session.isValidCSRFToken(text)) }
            try await session.signOut()
        }
        try await app.visit(client) { session in
            for text in [before, signedIn, again] { #expect(!session.isValidCSRFToken(text)) }
        }
    }

    @Test("Parallel requests of a session get tokens of one secret; what is never asked for stores nothing")
    func parallel() async throws {
        let app = try TestApp()
        let client = app.browser()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        #expect(try await app.sessions.fetch(id)?.fields[ReservedField.formSecret] == nil)
        let first = try await app.manager.begin(app.request(cookie: client.cookie))
        let second = try await app.manager.begin(app.request(cookie: client.cookie))
        let texts = [try await first.csrfToken(), try await second.csrfToken()]
        try await app.visit(client) { session in
            for text in texts { #expect(session.isValidCSRFToken(text)) }
        }
        let revision = try await app.sessions.fetch(id)?.revision
        try await app.visit(client) { session in
            _ = try await session.csrfToken()
            #expect(session.isValidCSRFToken(texts[0]))
        }
        #expect(try await app.sessions.fetch(id)?.revision == revision)
    }

    @Test("A sealed session has tokens too, and its secret is sealed")
    func sealed() async throws {
        let app = try TestApp { $0.store.encryptionKeys = try KeyRing([.init(name: "k", bytes: Array(0..<32))]) }
        let client = app.browser()
        let (id, text) = try await app.visit(client) { ($0.id, try await $0.csrfToken()) }
        let stored = try await app.sessions.fetch(id)?.fields[ReservedField.formSecret]?.value
        #expect(FieldSeal.isSealed(stored))
        try await app.visit(client) { #expect($0.isValidCSRFToken(text)) }
    }

    @Test("A session that takes no part has no token, and says so")
    func detached() async throws {
        let app = try TestApp()
        let session = app.manager.optOut()
        let error = await #expect(throws: SessionError.self) { try await session.csrfToken() }
        #expect(error?.code == .detached)
        #expect(!session.isValidCSRFToken(String(repeating: "A", count: CSRFToken.textLength)))
    }
}
