import Foundation
import Modeler
import RedisTestServer
import Testing

@testable import Sess

/// Redis keeps a hash in its compact form while no name or value of it is longer than 64 bytes.
@Suite("A session of small fields is small in Redis")
struct CompactFormTests {
    private static let actions: [(String, @Sendable (Session) async throws -> Void)] = [
        ("new", { _ in }),
        ("1,000 writes", { session in for _ in 0..<1000 { try await session.increment("n") } }),
        ("remember", { try $0.remember() }),
        ("rotation", { try await $0.rotate() }),
        ("rotation with a grace", { try await $0.rotate(grace: .seconds(30)) }),
        ("sign-in", { try await $0.signIn(userID: "alice") }),
        ("exclusive", { try await $0.withExclusiveAccess { _ in } }),
    ]

    private static func hash(_ key: String, _ server: RedisTestServer) async throws -> [String: String] {
        guard case .array(let flat) = try await server.command("HGETALL", key) else { return [:] }
        let texts = flat.compactMap(\.text)
        return Dictionary(
            uniqueKeysWithValues: stride(from: 0, to: texts.count, by: 2).map { (texts[$0], texts[$0 + 1]) })
    }

    @Test("Its hash stays in the compact form, whatever is done to it")
    func encoding() async throws {
        try await UserStore.with(.redis) { store in
            let server = try #require(store.server)
            let app = try StoreApp(store.sessions)
            for (action, body) in Self.actions {
                let client = TestClient()
                try await app.visit(client) { session in
                    for number in 1...4 {
                        session["field\(number)"] = .string(String(repeating: "x", count: 14 * number))
                    }
                    session["n"] = 0
                }
                for _ in 0..<2 { try await app.visit(client, body) }
                let id = try await app.visit(client) { $0.id.rawValue }
                let key = try #require(try await server.keys().map(\.key).first { $0.hasSuffix(":\(id)") })
                let long = try await Self.hash(key, server).filter { max($0.key.utf8.count, $0.value.utf8.count) > 64 }
                #expect(long.isEmpty, "after \(action)")
                let encoding = try await server.command("OBJECT", "ENCODING", key).text
                #expect(["listpack", "ziplist"].contains(encoding), "after \(action)")
            }
        }
    }
}
