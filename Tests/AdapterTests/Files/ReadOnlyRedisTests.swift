import Foundation
import HiredisClient
import Logging
import Modeler
import ModelerRedis
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// Sites whose Redis can be read and not be written, with `store.whenDown = .readOnly`.
@Suite struct ReadOnlyRedisTests {
    enum Trouble: Sendable, CaseIterable {
        /// A replica, of which the master may be gone.
        case replica
        /// A master that has too few replicas to take a write.
        case noReplicas
        /// A master that can't write its snapshot.
        case noSnapshot
    }

    @Test(
        "Who is signed in is served by a Redis that takes no writes, and who was revoked is not; no cookie changes",
        .timeLimit(.minutes(2)), arguments: Trouble.allCases, AdapterKind.allCases)
    func served(_ trouble: Trouble, _ adapter: AdapterKind) async throws {
        try await withSlotAndServer(arguments: ["--repl-diskless-sync-delay", "0"]) { master in
            try await withSessions(on: master) { sessions in
                let manager = try Self.manager(sessions)
                let browsers = Browsers()
                try await withApp(on: adapter, manager, routes: Self.addRoutes) { port in
                    try await browsers.guest.get("/write", to: port)
                    try await browsers.alice.get("/sign-in/alice", to: port)
                    try await browsers.bob.get("/sign-in/bob", to: port)
                }
                // A revocation that died after its first step.
                _ = try await sessions.advanceEpoch(of: OwnerID("bob"))
                // A session that has expired, which no read may take out of the index now.
                let key = StoreKind.prefix + "sessions:owner:" + (try OwnerID("alice")).keyText
                #expect(try await master.command("ZADD", key, "1", "expired") == .integer(1))
                switch trouble {
                case .replica:
                    try await withRedisServer { replica in
                        try await replica.command("REPLICAOF", "127.0.0.1", "\(master.port)")
                        let keys = try await master.command("DBSIZE")
                        try await eventually { try await replica.command("DBSIZE") == keys }
                        try await withSessions(on: replica, allowsReplica: true) {
                            try await check(browsers, $0, adapter)
                        }
                    }
                case .noReplicas:
                    try await master.command("CONFIG", "SET", "min-replicas-to-write", "1")
                    try await check(browsers, sessions, adapter)
                case .noSnapshot:
                    // A directory, which no file can be renamed to.
                    try FileManager.default.createDirectory(
                        atPath: master.directory + "/dump.rdb/in-the-way", withIntermediateDirectories: true)
                    try await master.commands([["CONFIG", "SET", "save", "3600 1"], ["BGSAVE"]])
                    try await eventually {
                        try await master.command("INFO", "persistence").text?.contains("rdb_last_bgsave_status:err")
                            == true
                    }
                    try await check(browsers, sessions, adapter)
                }
            }
        }
    }

    /// Sends requests with the owners' checks at every request and on renewal, with a renewal due and not due.
    private func check(_ browsers: Browsers, _ sessions: RedisCollection, _ adapter: AdapterKind) async throws {
        let tokens = browsers.all.map(\.token)
        for policy in [OwnerCheckPolicy.everyRequest, .onRenewal] {
            for isDue in [true, false] {
                let manager = try Self.manager(sessions) {
                    $0.users.epochCheck = policy
                    $0.timeouts.renewalWindow = isDue ? .zero : nil
                }
                try await withApp(on: adapter, manager, routes: Self.addRoutes) { port in
                    let comment: Comment = "\(policy), \(isDue ? "due" : "not due")"
                    for _ in 0..<3 {
                        let read = try await browsers.guest.get("/read", to: port)
                        #expect(read.text == "1", comment)
                        let who = try await browsers.alice.get("/who", to: port)
                        #expect(who.text == "alice", comment)
                        let isChecked = policy == .everyRequest || isDue
                        let revoked = try await browsers.bob.get("/who", to: port)
                        #expect(revoked.text == (isChecked ? "nobody" : "bob"), comment)
                        #expect(read.setCookies + who.setCookies + revoked.setCookies == [], comment)
                        for (browser, path) in [
                            (browsers.guest, "/write"), (browsers.alice, "/write"), (browsers.alice, "/sign-in/carol"),
                        ] {
                            #expect(try await browser.get(path, to: port).status == 503, comment)
                        }
                    }
                }
            }
        }
        #expect(browsers.all.map(\.token) == tokens && !tokens.contains(nil))
    }

    private struct Browsers: Sendable {
        let guest = Browser(port: 0)
        let alice = Browser(port: 0)
        let bob = Browser(port: 0)

        var all: [Browser] { [guest, alice, bob] }
    }

    private static func addRoutes(to app: AppRoutes) {
        app.get("/write") { request in
            request.session["n", default: 0] += 1
            return "written"
        }
        app.get("/read") { request in request.session["n", default: 0].description }
        app.get("/who") { request in request.session.userID ?? "nobody" }
        app.get("/sign-in/:user") { request in
            try await request.session.signIn(userID: request.parameter("user") ?? "")
            return "signed in"
        }
    }

    private static func manager(
        _ sessions: RedisCollection, _ configure: (inout SessionOptions) -> Void = { _ in }
    ) throws -> SessionManager {
        var options = SessionOptions()
        options.store.whenDown = .readOnly
        options.logger.logLevel = .critical
        configure(&options)
        return try SessionManager(sessions: sessions, options: options)
    }

    private func withSessions(
        on server: RedisTestServer, allowsReplica: Bool = false, _ body: (RedisCollection) async throws -> Void
    ) async throws {
        var configuration = try RedisConfiguration(url: server.url)
        configuration.logger.logLevel = .critical
        configuration.allowsReplica = allowsReplica
        configuration.connectTimeout = .seconds(5)
        configuration.disconnectedWait = .seconds(5)
        configuration.commandTimeout = .seconds(20)
        let client = try RedisClient(configuration: configuration)
        do {
            try await body(RedisCollection(client: client, prefix: StoreKind.prefix, name: "sessions"))
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }
}
