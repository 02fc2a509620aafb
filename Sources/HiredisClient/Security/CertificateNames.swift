import NIOCore
import NIOSSL

/// The names and addresses that a certificate is for, and whether a server's is among them.
///
/// NIOSSL takes any subject alternative name that matches either the name or the connection's own address, and the
/// common name where there is none: whoever redirects a connection and has a certificate for an address of his would
/// pass.
struct CertificateNames: Sendable, Equatable {
    var names: [String] = []
    var addresses: [[UInt8]] = []

    init(names: [String] = [], addresses: [[UInt8]] = []) {
        self.names = names
        self.addresses = addresses
    }

    init(_ certificate: NIOSSLCertificate) {
        for alternative in certificate._subjectAlternativeNames() {
            switch alternative.nameType {
            case .dnsName: names.append(String(decoding: alternative.contents, as: UTF8.self))
            case .ipAddress: addresses.append(Array(alternative.contents))
            default: break
            }
        }
    }

    /// Whether the certificate is for this host: a name, or an IP address in text.
    func include(_ host: String) -> Bool {
        if let address = Self.address(host) { return addresses.contains(address) }
        let labels = Self.labels(host)
        return names.contains { Self.matches(labels, pattern: Self.labels($0)) }
    }

    /// The bytes of an IP address in text; `nil` for anything else.
    static func address(_ host: String) -> [UInt8]? {
        // A zone says by which interface, and is in no certificate.
        let text = host.prefix { $0 != "%" }
        guard let address = try? SocketAddress(ipAddress: String(text), port: 0) else { return nil }
        switch address {
        // Where sockaddr_in has sin_addr, and sockaddr_in6 sin6_addr.
        case .v4(let address): return withUnsafeBytes(of: address.address) { Array($0[4..<8]) }
        case .v6(let address): return withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
        case .unixDomainSocket: return nil
        }
    }

    private static func labels(_ name: String) -> [String] {
        var labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        return labels
    }

    /// RFC 6125 §6.4.3: a wildcard stands for one whole label, the left-most, of a name that has at least three.
    private static func matches(_ labels: [String], pattern: [String]) -> Bool {
        guard labels.count == pattern.count, !labels.contains("") else { return false }
        if labels == pattern { return true }
        return pattern.first == "*" && pattern.count > 2 && labels.dropFirst() == pattern.dropFirst()
    }
}
