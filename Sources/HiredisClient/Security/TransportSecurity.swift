import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Secures connections: reads the files that TLS needs, and adds its handlers. Thread-safe.
final class TransportSecurity: Sendable {
    private struct State {
        var context: NIOSSLContext?
        var loadedAt = NIODeadline.uptimeNanoseconds(0)
        var isDoubtful = false
    }

    private let settings: RedisTLS
    private let state = Mutex(State())

    /// How old what was read must be to be read again after a connection failed.
    private static let patience = TimeAmount.seconds(5)

    init(_ settings: RedisTLS, logger: Logger) {
        self.settings = settings
        if settings.verification == .insecureAcceptAnyCertificate {
            logger.warning(
                "TLS to Redis accepts any certificate: whoever is in between can read passwords and sessions")
        }
    }

    /// The settings in NIOSSL's form. Reads files, away from event loops.
    func context(on eventLoop: any EventLoop) -> EventLoopFuture<NIOSSLContext> {
        let known = state.withLock { state -> NIOSSLContext? in
            let isOld = NIODeadline.now() - state.loadedAt > Self.patience
            return state.isDoubtful && isOld ? nil : state.context
        }
        if let known { return eventLoop.makeSucceededFuture(known) }
        return NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [self] in
            let context = try makeContext()
            state.withLock { $0 = State(context: context, loadedAt: .now()) }
            return context
        }
    }

    /// A connection failed: the files may have been replaced since they were read.
    func doubt() { state.withLock { $0.isDoubtful = true } }

    /// Adds the handlers of TLS to a channel that has none yet.
    ///
    /// - Returns: Succeeds once the server is known to be the one that is meant. Nothing is sent before.
    func secure(
        _ channel: any Channel, to endpoint: RedisEndpoint, with context: NIOSSLContext
    ) -> EventLoopFuture<Void> {
        let name = settings.serverName ?? endpoint.certificateName
        let isAddress = name.flatMap(CertificateNames.address) != nil
        let verifier = TLSVerificationHandler(
            expectedName: settings.verification == .full ? name ?? "" : nil,
            promise: channel.eventLoop.makePromise(of: Void.self))
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name))
            try pipeline.addHandler(verifier)
        } catch {
            verifier.giveUp(error)
        }
        return verifier.verified
    }

    private func makeContext() throws(RedisError) -> NIOSSLContext {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = settings.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        // NIOSSL compares an address with that of the connection, which a map or a proxy may change; ours compares it
        // with the one that is meant.
        let isNamedByAddress = settings.serverName.flatMap(CertificateNames.address) != nil
        switch settings.verification {
        case .full: tls.certificateVerification = isNamedByAddress ? .noHostnameVerification : .fullVerification
        case .certificateOnly: tls.certificateVerification = .noHostnameVerification
        case .insecureAcceptAnyCertificate: tls.certificateVerification = .none
        }
        switch settings.trust {
        case .system: break
        case .file(let path):
            tls.trustRoots = .certificates(try read("trusted certificates", path, NIOSSLCertificate.fromPEMFile))
        case .pem(let bytes):
            tls.trustRoots = .certificates(
                try read("trusted certificates", "memory") { _ in try NIOSSLCertificate.fromPEMBytes(bytes) })
        }
        if let client = settings.clientCertificate {
            let chain = try read("client certificate", client.certificateFile, NIOSSLCertificate.fromPEMFile)
            tls.certificateChain = chain.map { .certificate($0) }
            tls.privateKey = .privateKey(
                try read("client certificate's key", client.keyFile) { try NIOSSLPrivateKey(file: $0, format: .pem) })
        }
        do {
            return try NIOSSLContext(configuration: tls)
        } catch {
            throw RedisError(
                .connectFailed, "the certificates and keys for TLS don't go together", underlying: error)
        }
    }

    private func read<Value>(_ what: String, _ path: String, _ body: (String) throws -> Value) throws(RedisError)
        -> Value
    {
        do {
            return try body(path)
        } catch {
            throw RedisError(
                .connectFailed, "the \(what) for TLS can't be read from \(path); a PEM file is expected",
                underlying: error)
        }
    }
}
