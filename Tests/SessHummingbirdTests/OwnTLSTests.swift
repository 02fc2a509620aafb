import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import NIOCore
import NIOPosix
import NIOSSL
import Sess
import SessHummingbird
import SessTestSupport
import Testing

/// Hummingbird's own TLS: the request's scheme doesn't tell of it.
@Suite struct OwnTLSTests {
    @Test("E6 Over Hummingbird's own TLS the cookie is Secure, and one for TLS only has its sessions")
    func secure() async throws {
        for secure in [SessionCookie.Secure.auto, .always] {
            var options = SessionOptions()
            options.cookie = try SessionCookie(secure: secure)
            let manager = try SessionManager(options: options)
            let tls = try HTTPServerBuilder.tls(.http1(), tlsConfiguration: Self.server())
            for (server, isTLS) in [(tls, true), (.http1(), false)] {
                try await withApp(manager, server: server) { router in
                    router.get("/") { _, context in
                        context.session["n", default: 0] += 1
                        return "\(context.session.isDetached)"
                    }
                } _: { port in
                    let response = try await Self.get(port: port, isTLS: isTLS)
                    #expect(response.contains("; Secure") == isTLS, "\(secure)")
                    #expect(response.hasSuffix(isTLS || secure == .auto ? "false" : "true"), "\(secure)")
                    // The second request finds what the first one has found out.
                    #expect(try await Self.get(port: port, isTLS: isTLS).contains("; Secure") == isTLS)
                }
            }
        }
    }

    /// The text of the response to one request.
    private static func get(port: Int, isTLS: Bool) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if isTLS {
                        var configuration = TLSConfiguration.makeClientConfiguration()
                        configuration.certificateVerification = .none
                        let context = try NIOSSLContext(configuration: configuration)
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
            var text = ""
            do {
                for try await bytes in inbound { text += String(buffer: bytes) }
            } catch NIOSSLError.uncleanShutdown {
                // The server closes without a word; the response has its length.
            }
            return text
        }
    }

    private static func server() throws -> TLSConfiguration {
        .makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
    }

    /// Of a key that is used nowhere else; valid for a century.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfjCCASWgAwIBAgIUALFlBzp5sprkLP4+h3UgDJIe8a8wCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNzAyNTExNFoYDzIxMjYxMTAz
        MDI1MTE0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAATcGhE0NzlnPiSj0xGBcXXJQOuc5pgXyY2mQt7LaTo6K21sYAdOXMLA
        i+S6W6D0PYSgp5xGMO8Brxwg+y/LtTxko1MwUTAdBgNVHQ4EFgQUtA1LQ7UCg0/q
        cD79JBI4FDYBumIwHwYDVR0jBBgwFoAUtA1LQ7UCg0/qcD79JBI4FDYBumIwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA+T7Y67Lk8DzE64FujSDGR
        9uuE/7qGieWY4IVGwHIlpAIgGf8UIFm948D1+mvqOmHNYOs02S3MCSleJpzQXUoX
        O1c=
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGSSKHyO+iSwSxOny
        HSeLGo1pX2ho+wxvT+cSdHxXI4WhRANCAATcGhE0NzlnPiSj0xGBcXXJQOuc5pgX
        yY2mQt7LaTo6K21sYAdOXMLAi+S6W6D0PYSgp5xGMO8Brxwg+y/LtTxk
        -----END PRIVATE KEY-----
        """
}
