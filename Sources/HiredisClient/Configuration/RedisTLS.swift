/// How connections to Redis are secured, and whom the client trusts.
///
/// The server's certificate must lead to a trusted one, must be in date and, unless told otherwise, must name the
/// server: a name that is connected to must be one of its DNS names (RFC 6125 §6.4; a whole left-most label may be a
/// wildcard), an address one of its IP addresses. Its common name says nothing. All of this is checked before the
/// password is sent.
public struct RedisTLS: Sendable, Hashable {
    /// Where trust begins.
    public enum Trust: Sendable, Hashable {
        /// With the certificates that the system trusts.
        case system
        /// With the certificates in a file, in PEM.
        case file(String)
        /// With these certificates, in PEM.
        case pem([UInt8])
    }

    /// What is asked of the server's certificate.
    public enum Verification: Sendable, Hashable {
        /// That it is trusted and names the server.
        case full
        /// That it is trusted, whichever server it names.
        case certificateOnly
        /// Nothing: whoever is in between can read the password and every session. For trials only.
        case insecureAcceptAnyCertificate
    }

    /// The oldest version of the protocol that is spoken.
    public enum Version: Sendable, Hashable {
        case tls12, tls13
    }

    /// A certificate that the server asks of its clients, with its private key: files in PEM.
    public struct ClientCertificate: Sendable, Hashable {
        /// The file with the certificate, and those between it and what the server trusts.
        public var certificateFile: String
        /// The file with its private key.
        public var keyFile: String

        /// Makes a client certificate of two files.
        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Where trust begins.
    public var trust: Trust

    /// What is asked of the server's certificate.
    public var verification: Verification

    /// The name that the certificate must have, in place of the host that is connected to.
    public var serverName: String?

    /// What to show to a server that asks for a certificate.
    public var clientCertificate: ClientCertificate?

    /// The oldest version of the protocol that is spoken.
    public var minimumVersion: Version

    /// Makes settings; without arguments they are those of `rediss://`. Files are read when connections are made, and
    /// read again while connections fail, so that they may be replaced.
    public init(
        trust: Trust = .system, verification: Verification = .full, serverName: String? = nil,
        clientCertificate: ClientCertificate? = nil, minimumVersion: Version = .tls12
    ) {
        self.trust = trust
        self.verification = verification
        self.serverName = serverName
        self.clientCertificate = clientCertificate
        self.minimumVersion = minimumVersion
    }
}
