import Foundation
import HiredisClient
import RESP
import RedisTestServer
import Synchronization
import Testing

/// TLS to a real Redis.
@Suite struct TLSTests {
    /// A way in which the server isn't the one that is meant, or doesn't speak as is wanted.
    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var alternatives: String? = "DNS:localhost,IP:127.0.0.1"
        var commonName = "redis"
        var days = 30
        /// Whether the client trusts the authority that the server's certificate is of.
        var trustsAuthority = true
        var host = "localhost"
        var serverName: String?
        var protocols: String?
        var wantsClientCertificate = false
        var showsForeignCertificate = false
        var isPlainPort = false
        /// What the message says.
        var says: String
    }

    static let refusals = [
        Refusal(testDescription: "wrong CA", trustsAuthority: false, says: "tls_ca_file"),
        Refusal(testDescription: "wrong name", alternatives: "DNS:redis.example", says: "tls_server_name"),
        Refusal(
            testDescription: "wrong name, but the address is among its own",
            alternatives: "DNS:redis.example,IP:127.0.0.1",
            says: "tls_server_name"),
        Refusal(
            testDescription: "other name asked for, of the same address", alternatives: "DNS:localhost,IP:127.0.0.1",
            serverName: "other.example", says: "tls_server_name"),
        Refusal(
            testDescription: "name in the subject only", alternatives: nil, commonName: "localhost",
            says: "tls_server_name"),
        Refusal(
            testDescription: "address without its own among the names", alternatives: "DNS:localhost",
            host: "127.0.0.1",
            says: "tls_server_name"),
        Refusal(testDescription: "out of date", days: -1, says: "out of date"),
        Refusal(testDescription: "TLS 1.1 only", protocols: "TLSv1.1", says: "versions of TLS"),
        Refusal(testDescription: "plain port", isPlainPort: true, says: "plain"),
        Refusal(testDescription: "no client certificate", wantsClientCertificate: true, says: "client certificate"),
        Refusal(
            testDescription: "foreign client certificate", wantsClientCertificate: true, showsForeignCertificate: true,
            says: "client"),
    ]

    @Test("D9 A server that isn't known to be the one that is meant gets no byte of the password", arguments: refusals)
    func refused(_ row: Refusal) async throws {
        let certificates = try TestCertificates()
        let others = try TestCertificates()
        defer {
            certificates.remove()
            others.remove()
        }
        let pair = try certificates.issue(
            "server", alternatives: row.alternatives, commonName: row.commonName, days: row.days)
        let foreign = try others.issue("client")
        let tlsPort = try freePort()
        let arguments = RedisTestServer.tlsArguments(
            port: tlsPort, pair, authority: certificates.authority.certificate, clients: row.wantsClientCertificate,
            protocols: row.protocols)
        try await withRedisServer(arguments: arguments) { server in
            let tap = Mutex<[UInt8]>([])
            let target = row.isPlainPort ? server.port : tlsPort
            try await withByteProxy(to: target) { _ in
                var rules = ProxyRules()
                rules.toServer = { bytes in
                    tap.withLock { $0 += bytes }
                    return [.forward(bytes)]
                }
                return rules
            } _: { port in
                var tls = RedisTLS(trust: .file((row.trustsAuthority ? certificates : others).authority.certificate))
                tls.serverName = row.serverName
                if row.showsForeignCertificate {
                    tls.clientCertificate = .init(certificateFile: foreign.certificate, keyFile: foreign.key)
                }
                try await withClient(url: "redis://:hunter2secret@\(row.host):\(port)") {
                    $0.tls = tls
                    $0.connectTimeout = .seconds(row.isPlainPort ? 1 : 5)
                } _: { client in
                    let error = await #expect(throws: RedisError.self) { try await client.ping() }
                    let text = "\(error?.description ?? "") \(client.health.lastError?.description ?? "")"
                    #expect(text.contains(row.says), "\(text)")
                    #expect(!text.contains("hunter2secret"))
                }
            }
            let sent = tap.withLock { bytes in bytes }
            #expect(!sent.contains("hunter2secret"))
            #expect(try await server.command("INFO", "commandstats").text?.contains("cmdstat_auth") == false)
        }
    }

    @Test("A plain client at a TLS port is told to use TLS")
    func plainClient() async throws {
        try await withTLSServer { server in
            try await withClient(url: "redis://127.0.0.1:\(server.tlsPort)") { client in
                await #expect(throws: RedisError.self) { try await client.ping() }
                let text = client.health.lastError?.description ?? ""
                #expect(text.contains("rediss://"), "\(text)")
            }
        }
    }

    @Test(
        "Names, addresses, another name and a client certificate by URL",
        arguments: [
            ("localhost", ""), ("127.0.0.1", ""), ("127.0.0.1", "&tls_server_name=localhost"),
            ("localhost", "&tls_server_name=127.0.0.1"), ("localhost", "&mine"),
        ])
    func accepted(_ host: String, _ parameters: String) async throws {
        try await withTLSServer(clients: parameters == "&mine") { server in
            let mine = try server.certificates.issue("mine")
            let rest =
                parameters == "&mine" ? "&tls_cert_file=\(mine.certificate)&tls_key_file=\(mine.key)" : parameters
            let file = server.certificates.authority.certificate
            try await withClient(url: "rediss://\(host):\(server.tlsPort)/1?tls_ca_file=\(file)\(rest)") { client in
                try await client.ping()
                let value = String(repeating: "0123456789abcdef", count: 20_000)
                _ = try await client.send(.command("SET", "k", value))
                #expect(try await client.send(.command("GET", "k")).reply.string == value)
            }
        }
    }

    @Test("A certificate that is replaced while the client runs, on both sides")
    func rotation() async throws {
        try await withTLSServer { server in
            let file = server.certificates.directory + "/trusted.pem"
            try FileManager.default.copyItem(atPath: server.certificates.authority.certificate, toPath: file)
            try await withClient(url: "rediss://localhost:\(server.tlsPort)?tls_ca_file=\(file)") { client in
                try await client.ping()
                let next = try TestCertificates()
                defer { next.remove() }
                let pair = try next.issue("next", alternatives: "DNS:localhost")
                try await server.server.command(
                    "CONFIG", "SET", "tls-cert-file", pair.certificate, "tls-key-file", pair.key)
                try await server.server.command("CLIENT", "KILL", "TYPE", "normal")
                await #expect(throws: RedisError.self) { try await client.ping() }
                try FileManager.default.removeItem(atPath: file)
                try FileManager.default.copyItem(atPath: next.authority.certificate, toPath: file)
                try await waitUntil { (try? await client.ping()) != nil }
            }
        }
    }

    @Test("A file that can't be read is named")
    func missingFile() async throws {
        try await withTLSServer { server in
            try await withClient(url: "rediss://localhost:\(server.tlsPort)?tls_ca_file=/nowhere/ca.pem") { client in
                _ = await #expect(throws: RedisError.self) { try await client.ping() }
                let text = client.health.lastError?.description ?? ""
                #expect(text.contains("/nowhere/ca.pem") && text.contains("PEM"), "\(text)")
            }
        }
    }
}

/// A server with a TLS port whose certificate is for `localhost` and 127.0.0.1.
struct TLSServer {
    let server: RedisTestServer
    let tlsPort: Int
    let certificates: TestCertificates
}

func withTLSServer<Result>(
    clients: Bool = false, _ body: (TLSServer) async throws -> Result
) async throws -> Result {
    let certificates = try TestCertificates()
    defer { certificates.remove() }
    let pair = try certificates.issue("server", alternatives: "DNS:localhost,IP:127.0.0.1")
    let port = try freePort()
    let arguments = RedisTestServer.tlsArguments(
        port: port, pair, authority: certificates.authority.certificate, clients: clients)
    return try await withRedisServer(arguments: arguments) { server in
        try await body(TLSServer(server: server, tlsPort: port, certificates: certificates))
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool { firstRange(of: Array(text.utf8)) != nil }
}
