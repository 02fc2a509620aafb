import Foundation
import Modeler
import ModelerRedis
import RedisTestServer
import Synchronization

/// One server that loses nothing. One collection reaches it by TLS, the other through a proxy.
final class StandaloneSystem: ChaosSystem {
    let collections: [RedisCollection]
    let kinds: [ChaosFault.Kind] = [.kill, .stop, .cut, .tear, .delay, .scriptFlush, .certificate]
    let replaysRemovals = true
    let probes = [ModelID(unchecked: "probe")]
    private let server: RedisTestServer
    private let proxy: FaultyProxy
    private let certificates: ServerCertificates

    private init(
        _ server: RedisTestServer, _ proxy: FaultyProxy, _ certificates: ServerCertificates,
        _ collections: [RedisCollection]
    ) {
        (self.server, self.proxy, self.certificates, self.collections) = (server, proxy, certificates, collections)
    }

    static func with<Result: Sendable>(_ body: (any ChaosSystem) async throws -> Result) async throws -> Result {
        let certificates = try await ServerCertificates()
        defer { certificates.remove() }
        let proxy = FaultyProxy()
        let tlsPort = try freePort()
        let arguments = RedisTestServer.tlsArguments(
            port: tlsPort, certificates.pair, authority: certificates.trusted)
        return try await withRedisServer(arguments: arguments + ["--appendonly", "yes", "--appendfsync", "always"]) {
            server in
            try await withByteProxy(to: server.port, rules: { _ in proxy.rules }) { port in
                let urls = (
                    "rediss://localhost:\(tlsPort)?tls_ca_file=\(certificates.trusted)", "redis://127.0.0.1:\(port)"
                )
                return try await withChaosCollections(urls: urls) { collections in
                    try await body(StandaloneSystem(server, proxy, certificates, collections))
                }
            }
        }
    }

    func inflict(_ fault: ChaosFault) async throws -> String {
        switch fault.kind {
        case .kill:
            try await server.kill()
            try await Task.sleep(for: fault.duration)
            try await server.start()
            return "the server, for \(fault.milliseconds) ms"
        case .stop:
            server.pause()
            defer { server.resume() }
            try await Task.sleep(for: fault.duration)
            return "the server, for \(fault.milliseconds) ms"
        case .tear, .delay:
            proxy.mode.withLock { $0 = fault.kind == .tear ? .tear : .delay(fault.duration / 10) }
            defer { proxy.mode.withLock { $0 = .pass } }
            try await Task.sleep(for: fault.duration)
            return "the proxy, for \(fault.milliseconds) ms"
        case .scriptFlush: try await server.command("SCRIPT", "FLUSH")
        case .certificate:
            let pair = try await certificates.change()
            try await server.command("CONFIG", "SET", "tls-cert-file", pair.certificate, "tls-key-file", pair.key)
            try await certificates.trustLatest()
            try await server.command("CLIENT", "KILL", "TYPE", "normal")
        default: try await server.command("CLIENT", "KILL", "TYPE", "normal")
        }
        return "the server"
    }

    /// A client reads its files anew only when it has had them for five seconds.
    func recoveryBound(after kind: ChaosFault.Kind) -> Duration { .seconds(kind == .certificate ? 7 : 1) }

    func settle() async throws {
        guard try await server.command("PING") == .text("PONG") else {
            throw SystemFailure(description: "the server doesn't serve")
        }
    }

    func masters() async throws -> [Int] { [server.port] }

    func replicate() async throws {}
}

/// The state of a proxy that lets bytes pass, holds them up, or tears connections in the middle of them.
final class FaultyProxy: Sendable {
    enum Mode {
        case pass, tear
        case delay(Duration)
    }

    let mode = Mutex(Mode.pass)

    var rules: ProxyRules {
        var rules = ProxyRules()
        rules.toServer = steps
        rules.toClient = steps
        return rules
    }

    @Sendable private func steps(_ bytes: [UInt8]) -> [ProxyStep] {
        switch mode.withLock({ $0 }) {
        case .pass: [.forward(bytes)]
        case .tear: [.forward(Array(bytes.prefix(bytes.count / 2))), .cut]
        case .delay(let duration): [.wait(duration), .forward(bytes)]
        }
    }
}
