import NIOSSL

/// What a fault of TLS means to who set it up.
enum TLSFault {
    static func wrongName(_ name: String?) -> String {
        let subject = name.map { "isn't for \"\($0)\"" } ?? "is for another server"
        return "the server's certificate \(subject); give the name that it has as tls_server_name"
    }

    static let securedPort = "the server speaks TLS on this port; connect with rediss://"

    /// Whether a record of TLS begins with this byte, an alert or a handshake, as no reply of Redis does.
    static func beginsRecord(_ byte: UInt8) -> Bool { byte == 0x15 || byte == 0x16 }

    /// What an error of the TLS library means; `nil` for one that isn't known.
    static func explanation(of error: any Error, name: String? = nil) -> String? {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname { return wrongName(name) }
        let text = "\(error)"
        for (mark, explanation) in explanations where text.contains(mark) { return explanation }
        return nil
    }

    /// What BoringSSL says, and what it means.
    private static let explanations = [
        (
            "CERTIFICATE_VERIFY_FAILED",
            "the server's certificate is out of date, or nobody vouches for it who is trusted; "
                + "name its authority as tls_ca_file"
        ),
        (
            "WRONG_VERSION_NUMBER",
            "the server doesn't speak TLS on this port; is it one for plain connections (redis://)?"
        ),
        ("UNSUPPORTED_PROTOCOL", "the server speaks only versions of TLS that are too old"),
        ("PROTOCOL_VERSION", "the server speaks only other versions of TLS"),
        ("CERTIFICATE_REQUIRED", "the server wants a client certificate; give one by tls_cert_file and tls_key_file"),
        ("UNKNOWN_CA", "the server doesn't trust the client's certificate"),
        ("HANDSHAKE_FAILURE", "the server refused TLS; it may want a client certificate (tls_cert_file, tls_key_file)"),
        ("EOF during handshake", "the server closed the connection instead of securing it; does its port speak TLS?"),
    ]
}
