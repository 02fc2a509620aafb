import Foundation
import RedisTestServer
import Synchronization

/// The certificate of a server, which is replaced, and the file of the authority that its clients trust.
final class ServerCertificates: Sendable {
    /// The files that a server is started with: they always have the latest certificate.
    let pair: TestCertificates.Pair
    /// The file with the authority of the latest certificate.
    let trusted: String
    private let first: TestCertificates
    private let latest: Mutex<TestCertificates>

    init() async throws {
        let (first, pair) = try await Self.issue()
        self.first = first
        self.pair = pair
        trusted = first.directory + "/trusted.pem"
        latest = Mutex(first)
        try await trustLatest()
    }

    private static func issue() async throws -> (TestCertificates, TestCertificates.Pair) {
        try await offPool {
            let certificates = try TestCertificates()
            return (certificates, try certificates.issue("server", alternatives: "DNS:localhost,IP:127.0.0.1"))
        }
    }

    /// Makes a certificate of a new authority, for the server to change to, which nobody trusts yet.
    func change() async throws -> TestCertificates.Pair {
        let (next, pair) = try await Self.issue()
        let former = latest.withLock { latest in
            defer { latest = next }
            return latest
        }
        if former.directory != first.directory { former.remove() }
        try copy(pair.certificate, to: self.pair.certificate)
        try copy(pair.key, to: self.pair.key)
        return pair
    }

    /// Has clients trust the authority of the latest certificate, and no other.
    func trustLatest() async throws {
        try copy(latest.withLock { $0.authority.certificate }, to: trusted)
    }

    private func copy(_ source: String, to target: String) throws {
        try Data(contentsOf: URL(fileURLWithPath: source)).write(
            to: URL(fileURLWithPath: target), options: .atomic)
    }

    func remove() {
        latest.withLock { $0.remove() }
        first.remove()
    }
}
