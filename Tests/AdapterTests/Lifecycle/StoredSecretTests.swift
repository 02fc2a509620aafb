import Foundation
import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Synchronization
import Testing

/// What the store is told of tokens: never a secret.
@Suite struct StoredSecretTests {
    /// The forms in which a secret might be written: as its text, its bytes, in hexadecimal, and in plain base64.
    private static func forms(of secret: String) throws -> [Data] {
        let text = secret.replacing("-", with: "+").replacing("_", with: "/") + "="
        let bytes = try #require(Data(base64Encoded: text))
        #expect(bytes.count == 32)
        let hexadecimal = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return [Data(secret.utf8), bytes, Data(hexadecimal.utf8), Data(text.dropLast().utf8)]
    }

    private static func hasAny(of secrets: Set<String>, _ data: Data) throws -> Bool {
        try secrets.contains { secret in try forms(of: secret).contains { data.range(of: $0) != nil } }
    }

    private static func files(in directory: String) -> Data {
        var all = Data()
        for name in FileManager.default.enumerator(atPath: directory)?.allObjects as? [String] ?? [] {
            all += FileManager.default.contents(atPath: directory + "/" + name) ?? Data()
        }
        return all
    }

    @Test(
        "L7 No secret of any token is in a stored record, or in the files of the store",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func records(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let steps: [(name: String, step: @Sendable (Session) async throws -> Void)] = [
                ("write", { $0["a", default: 0] += 1 }), ("grace", { try await $0.rotate(grace: .seconds(60)) }),
                ("sign-in", { try await $0.signIn(userID: "alice") }), ("remember", { try $0.remember() }),
                ("rotate", { try await $0.rotate() }), ("increment", { try await $0.increment("n") }),
                ("touch", { try await $0.touch() }), ("flash", { $0.flash("hello") }),
            ]
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                for (name, step) in steps {
                    app.post("/\(name)") { request in
                        try await step(request.session)
                        return "\(request.session.id)"
                    }
                }
            } _: { port in
                let client = TestHTTPClient()
                for _ in 0..<4 {
                    let browser = Browser(port: port, client: client)
                    for (name, _) in steps {
                        let id = try await browser.post("/\(name)").text
                        let record = try #require(await store.sessions.fetch(ModelID(id)), "\(name)")
                        var stored = Data()
                        for field in record.fields { stored += Data(field.name.utf8) + Data(field.value.bytes) }
                        #expect(stored.range(of: Data("__token".utf8)) != nil)
                        #expect(try !Self.hasAny(of: client.issuedSecrets, stored), "\(name)")
                    }
                }
                #expect(client.issuedSecrets.count == 4 * 4)
                if let server = store.server { _ = try await server.snapshot() }
                if let directory = store.directory {
                    let files = Self.files(in: directory)
                    #expect(files.range(of: Data("__token".utf8)) != nil)
                    #expect(try !Self.hasAny(of: client.issuedSecrets, files))
                }
                await client.closeIdle()
            }
        }
    }

    @Test(
        "L7 No secret of any cookie is in Redis's memory, or passes to it; L6 or is in a log",
        arguments: AdapterKind.allCases)
    func noSecrets(_ adapter: AdapterKind) async throws {
        let arguments = ["--adapter", adapter.rawValue]
        try await withCluster(arguments: arguments, redis: ["--appendonly", "yes"]) { first, second, server in
            let client = TestHTTPClient()
            let tapped = Mutex<[UInt8]>([])
            let rules = { @Sendable (_: Int) -> ProxyRules in
                var rules = ProxyRules()
                rules.toServer = { bytes in
                    tapped.withLock { $0 += bytes }
                    return [.forward(bytes)]
                }
                return rules
            }
            let third = try await withByteProxy(to: server.port, rules: rules) { proxyPort in
                let store = ["--store", "redis://127.0.0.1:\(proxyPort)", "--prefix", StoreKind.prefix]
                return try await withDemo(arguments + store) { third in
                    try await third.waitUntilHealthy()
                    for _ in 0..<10 {
                        let browser = Browser(port: third.port, client: client)
                        for port in [third.port, first.port, second.port] {
                            for request in [
                                TestRequest.post("/session", json: #"{"a":1}"#), .post("/session/rotate"),
                                .form("/sign-in", "name=alice"), .get("/session"),
                            ] {
                                #expect(try await browser.send(request, to: port).status == 200, "\(request.path)")
                            }
                        }
                    }
                    return third.output + third.errors
                }
            }
            let secrets = client.issuedSecrets
            #expect(secrets.count == 10 * 7)
            let files = Data(try await server.snapshot()) + Self.files(in: server.directory)
            let passed = Data(tapped.withLock { $0 })
            #expect(FileManager.default.fileExists(atPath: server.directory + "/appendonlydir"))
            #expect(files.range(of: Data("__token".utf8)) != nil)
            #expect(passed.range(of: Data("HGETALL".utf8)) != nil && passed.range(of: Data("__token".utf8)) != nil)
            let logs = Data(([first, second].map { $0.output + $0.errors }.joined() + third).utf8)
            for data in [files, passed, logs] { #expect(try !Self.hasAny(of: secrets, data)) }
        }
    }
}
