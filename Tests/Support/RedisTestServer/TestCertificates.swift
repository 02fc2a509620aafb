import Foundation

/// Certificates of an authority of their own, made by the `openssl` program in a directory of their own.
public struct TestCertificates: Sendable {
    /// A certificate and its key, as PEM files.
    public struct Pair: Sendable {
        public let certificate: String
        public let key: String
    }

    public struct Failure: Error, CustomStringConvertible { public let description: String }

    public let directory: String

    /// What those who trust the authority trust.
    public let authority: Pair

    public init() throws {
        directory = NSTemporaryDirectory() + "/certificates-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        authority = Pair(certificate: directory + "/ca.pem", key: directory + "/ca.key")
        try Self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=authority"
                + " -keyout \(authority.key) -out \(authority.certificate)")
    }

    public func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// Makes a certificate that the authority has signed.
    ///
    /// - Parameters:
    ///   - name: What its files are called.
    ///   - alternatives: The alternative names, as `DNS:localhost,IP:127.0.0.1`; none for a certificate without.
    ///   - commonName: The name in its subject.
    ///   - days: For how many days it is good, from the past two days on. Less than 0: it is out of date.
    public func issue(
        _ name: String, alternatives: String? = nil, commonName: String = "redis", days: Int = 30
    ) throws -> Pair {
        let pair = Pair(certificate: "\(directory)/\(name).pem", key: "\(directory)/\(name).key")
        let request = "\(directory)/\(name).csr"
        let extensions = "\(directory)/\(name).ext"
        try Self.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=\(commonName) -keyout \(pair.key) -out \(request)"
        )
        var text = "basicConstraints=CA:FALSE\n"
        if let alternatives { text += "subjectAltName=\(alternatives)\n" }
        try text.write(toFile: extensions, atomically: true, encoding: .utf8)
        try Self.openssl(
            "x509 -req -in \(request) -CA \(authority.certificate) -CAkey \(authority.key) -CAcreateserial"
                + " -days \(days) -extfile \(extensions) -out \(pair.certificate)")
        return pair
    }

    private static func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map(String.init)
        let output = Pipe()
        process.standardError = output
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(description: "openssl: \(text)") }
    }
}

extension RedisTestServer {
    /// The arguments of a server that speaks TLS on a port beside its plain one.
    ///
    /// - Parameter clients: Whether clients must show a certificate.
    public static func tlsArguments(
        port: Int, _ pair: TestCertificates.Pair, authority: String, clients: Bool = false, protocols: String? = nil
    ) -> [String] {
        var arguments = [
            "--tls-port", "\(port)", "--tls-cert-file", pair.certificate, "--tls-key-file", pair.key,
            "--tls-ca-cert-file", authority, "--tls-auth-clients", clients ? "yes" : "no",
        ]
        if let protocols { arguments += ["--tls-protocols", protocols] }
        return arguments
    }
}
