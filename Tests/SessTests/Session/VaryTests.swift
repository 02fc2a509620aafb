import HTTPTypes
import Modeler
import Testing

@testable import Sess

/// What a response may tell of a session makes it vary by the client's token.
@Suite("Responses vary by what was asked of a session")
struct VaryTests {
    private static let readers: [(name: String, read: @Sendable (Session) async throws -> Void)] = [
        ("userID", { _ = $0.userID }), ("id", { _ = $0.id }), ("revision", { _ = $0.revision }),
        ("created", { _ = $0.created }), ("updated", { _ = $0.updated }), ("isNew", { _ = $0.isNew }),
        ("isDetached", { _ = $0.isDetached }), ("hasEnded", { _ = $0.hasEnded }),
        ("remaining", { _ = $0.remaining }), ("expires", { _ = $0.expires }),
        ("remaining(of:)", { _ = $0.remaining(of: "otp") }), ("revealToken", { _ = $0.revealToken() }),
        ("field", { _ = $0["a"] }), ("contains", { _ = $0.contains("a") }), ("names", { _ = $0.names }),
        ("increment", { try await $0.increment("n") }), ("update", { try await $0.update { _ = $0["a"] } }),
        ("setIfAbsent", { try await $0.setIfAbsent("a", to: 1) }), ("reload", { try await $0.reload() }),
    ]

    @Test("L8 Whatever a request reads of its session, its response varies by Cookie", arguments: readers.indices)
    func varies(_ index: Int) async throws {
        let (name, read) = Self.readers[index]
        let app = try TestApp()
        let client = try await app.signedIn("alice")
        try await app.visit(client) { $0["a"] = 1 }
        try await app.visit(client) { try await read($0) }
        #expect(client.last[values: .setCookie].isEmpty)
        #expect(client.last[.vary] == "Cookie", "\(name)")
        try await app.visit(app.browser()) { if name != "increment", name != "setIfAbsent" { try await read($0) } }
    }

    @Test("L8 A response of a request that asks its session nothing doesn't vary, also where the session is renewed")
    func unused() async throws {
        let app = try TestApp { $0.timeouts.renewalWindow = .zero }
        let client = try await app.signedIn("alice")
        app.clock.advance(by: .seconds(100))
        for visitor in [client, app.browser()] {
            try await app.visit(visitor) { _ = "\($0)" }
            #expect(visitor.last.isEmpty)
        }
    }

    @Test("L8 A response in whose body the app puts the token is stored by no cache")
    func revealed() async throws {
        let app = try TestApp()
        let client = try await app.signedIn("alice")
        try await app.visit(client) { _ = $0["a"] }
        #expect(client.last[.cacheControl] == nil)
        try await app.visit(client) { #expect($0.revealToken() != nil) }
        #expect(client.last[.cacheControl] == "no-store")
        #expect(client.last[values: .setCookie].isEmpty)
    }
}
