import HiredisClient
import Modeler
import ModelerTesting
import RedisTestServer
import Testing

@testable import ModelerRedis

/// The store over TLS.
@Suite struct TLSTests {
    private func withSecuredServer(_ body: (RedisTestServer, Int, TestCertificates) async throws -> Void) async throws {
        let certificates = try await offPool { try TestCertificates() }
        defer { certificates.remove() }
        let pair = try await offPool { try certificates.issue("server", alternatives: "DNS:localhost,IP:127.0.0.1") }
        let port = try freePort()
        let arguments = RedisTestServer.tlsArguments(
            port: port, pair, authority: certificates.authority.certificate, clients: false, protocols: nil)
        try await withRedisServer(arguments: arguments) { try await body($0, port, certificates) }
    }

    private func withClient(
        port: Int, _ certificates: TestCertificates, _ body: (RedisClient) async throws -> Void
    ) async throws {
        let url = "rediss://localhost:\(port)?tls_ca_file=\(certificates.authority.certificate)"
        // A busy machine, and bytes in small pieces, are no reason to take the server for silent.
        try await ModelerRedisTests.withClient(url: url, configure: { $0.overdueInterval = .seconds(20) }, body)
    }

    @Test("D9 Contract")
    func contract() async throws {
        try await withSecuredServer { _, port, certificates in
            try await withClient(port: port, certificates) { client in
                await run(
                    CollectionConformance.checks + CollectionConformance.ownershipChecks
                        + CollectionConformance.scanChecks + CollectionConformance.ownerScanChecks, client)
                await run(CollectionConformance.listingChecks, client, listing: true)
            }
        }
    }

    @Test("D9 F1 Contract, while no more than a few bytes come and go at once")
    func pieces() async throws {
        try await withSecuredServer { _, port, certificates in
            try await withByteProxy(to: port) { _ in
                var rules = ProxyRules()
                rules.toServer = { Self.pieces(of: $0) }
                rules.toClient = { Self.pieces(of: $0) }
                return rules
            } _: { proxy in
                try await withClient(port: proxy, certificates) { client in
                    let few = CollectionConformance.checks.filter { $0.name.hasPrefix("M") }
                    await run(few, client)
                }
            }
        }
    }

    /// Pieces of 1 to 13 bytes; of what is much the rest at once.
    private static func pieces(of bytes: [UInt8]) -> [ProxyStep] {
        var steps: [ProxyStep] = []
        var rest = bytes[...]
        while !rest.isEmpty, steps.count < 200 {
            let piece = rest.prefix(1 + steps.count % 13)
            steps.append(.forward(Array(piece)))
            rest = rest.dropFirst(piece.count)
        }
        return rest.isEmpty ? steps : steps + [.forward(Array(rest))]
    }

    private func run(_ checks: [ConformanceCheck], _ client: RedisClient, listing: Bool = false) async {
        let store = CollectionUnderTest(timeUnit: .seconds(1)) { hooks in
            try RedisCollection(
                client: client, prefix: "\(ModelID.random()):", name: "models", hooks: hooks, listing: listing)
        }
        await runSideBySide(checks, on: store)
    }
}
