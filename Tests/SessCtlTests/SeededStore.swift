import Foundation
import Modeler
import ModelerRedis
import ModelerSQLite
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Synchronization

/// A store with four sessions: two of alice, one of bob, one of nobody. They are named `s-1` to `s-4`.
struct SeededStore: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case redis, sqlite
    }

    /// What comes before every command's own arguments.
    let place: [String]
    let manager: SessionManager
    let tokens: [String]
    let server: RedisTestServer?
    let directory: String

    /// Runs the program on the store.
    func run(_ arguments: String...) async throws -> Tool.Result {
        try await Tool.run([arguments[0]] + place + arguments.dropFirst())
    }

    /// The ids of the sessions that are there.
    func ids() async throws -> [String] {
        try await manager.sessions.fetch((1...4).map { try ModelID("s-\($0)") }).compactMap { $0?.id.rawValue }
    }
}

/// Runs a body with a seeded store, which goes afterwards.
func withSeededStore(_ kind: SeededStore.Kind, _ body: (SeededStore) async throws -> Void) async throws {
    try await withTemporaryDirectory { directory in
        switch kind {
        case .sqlite:
            let path = directory + "/sessions.sqlite"
            let sessions = try SQLiteCollection(path: path, name: "sessions")
            try await body(try await seeded(sessions, ["--store", "sqlite:\(path)"], nil, directory))
            await sessions.file.close()
        case .redis:
            try await withRedisServer { server in
                let sessions = try RedisCollection(url: server.url, prefix: "app:", name: "sessions")
                try await body(
                    try await seeded(sessions, ["--store", server.url, "--prefix", "app:"], server, directory))
            }
        }
    }
}

private func seeded(
    _ sessions: any ModelCollection, _ place: [String], _ server: RedisTestServer?, _ directory: String
) async throws -> SeededStore {
    // A request may make more ids than the one that is stored.
    let next = Mutex("")
    var options = SessionOptions()
    options.timeouts.absolute = nil
    options.makeID = { _ in
        next.withLock { id in
            defer { id += "x" }
            return id
        }
    }
    let manager = try SessionManager(sessions: sessions, options: options)
    var tokens: [String] = []
    let seeds = [("alice", "one"), ("alice", "twotwo"), ("bob", "three"), (nil, "four")]
    for (number, (user, text)) in seeds.enumerated() {
        next.withLock { $0 = "s-\(number + 1)" }
        let minted = try await manager.mint(userID: user) { session in
            session["note"] = .string(text)
            session["secret-ish"] = "hidden"
        }
        tokens.append(minted.token)
    }
    return SeededStore(place: place, manager: manager, tokens: tokens, server: server, directory: directory)
}
