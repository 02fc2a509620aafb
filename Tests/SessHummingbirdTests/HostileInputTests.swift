import Hummingbird
import Logging
import Modeler
import RedisTestServer
import Sess
import SessHummingbird
import SessTestSupport
import Testing

/// Cookies that no honest client sends, and records that no sound program wrote.
@Suite struct HostileInputTests {
    private static func headers() -> [[UInt8]] {
        let good = PlantedToken.random()
        var texts = [
            "sess=", "sess", "=x", "sess=v1", "sess=v1..", "sess=v1.a.b", "sess=\(good.text)x", "sess=x\(good.text)",
            "sess=v2.\(good.id).\(good.secret)", "sess=\"\(good.text)\"", "sess=\(good.text.dropLast())",
            "Sess=\(good.text)",
            "sess =\(good.text)", "sess= \(good.text)", "$Version=1; sess=\"\(good.text)\"",
            "sess=v1.\(good.id)=\(good.secret)",
            "sess=v1.\(good.id).\(good.secret.dropLast())B", "sess=%76%31.\(good.id).\(good.secret)",
            "sess=v1.*\(good.id.dropFirst()).\(good.secret)", "sess=v1.../../../../../../etc/pa.\(good.secret)",
            "sess=v1.:\(good.id.dropFirst()).\(good.secret)", "sess=v1.{\(good.id.dropFirst(2))}.\(good.secret)",
            "sess=\(StoreKind.prefix)sessions:\(good.id)", "sess=" + String(repeating: "A", count: 60_000),
            String(repeating: "a=b; ", count: 10_000), "\u{A0}sess=\(good.text)", "sess=é\(good.text.dropFirst())",
            "other=\(good.text)", "sess2=\(good.text)", "xsess=\(good.text)",
            String(repeating: "x", count: 9_000) + "; sess=\(good.text)",
        ]
        texts += ["\0", "\u{1}", "\u{7F}", "\r", "\u{B}"].map { "sess=v1.\($0)\(good.id.dropFirst()).\(good.secret)" }
        return texts.map { Array($0.utf8) } + [[0x73, 0x65, 0x73, 0x73, 0x3D, 0xFF, 0xFE]]
    }

    @Test("L4 E2 Unknown and malformed ids never reach Redis")
    func malformed() async throws {
        try await withStore(.redis) { store in
            let server = try #require(store.server)
            try await withApp(SessionManager(sessions: store.sessions)) { router in
                router.get("read") { _, context in "\(context.session["n", default: 0])" }
            } _: { port in
                try await server.resetCounts()
                for header in Self.headers() {
                    let request = Array("GET /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: ".utf8) + header
                    let response = try await RawSocket.exchange(port: port, request + Array("\r\n\r\n".utf8))
                    let text = String(decoding: response, as: UTF8.self)
                    #expect(!text.lowercased().contains("set-cookie"))
                    #expect(!text.hasPrefix("HTTP/1.1 5"))
                    let counts = try await server.commandCounts()
                    #expect(counts.isEmpty, "\(String(decoding: header.prefix(80), as: UTF8.self)): \(counts)")
                }
            }
        }
    }

    @Test("L4 A token whose cookie is followed by CR LF and another command stores nothing")
    func injection() async throws {
        try await withStore(.redis) { store in
            let server = try #require(store.server)
            try await withApp(SessionManager(sessions: store.sessions)) { router in
                router.get("write") { request, context in
                    context.session["a\r\nSET evil 1\r\n"] = "b\r\nSET evil 1\r\n\0"
                    return "ok"
                }
                router.get("read") { _, context in context.session["a\r\nSET evil 1\r\n", default: "none"] }
            } _: { port in
                let browser = Browser(port: port)
                try await browser.get("/write")
                #expect(try await browser.get("/read").text == "b\r\nSET evil 1\r\n\0")
                let keys = try await server.keys()
                #expect(keys.count == 1)
                await browser.client.closeIdle()
            }
        }
    }

    @Test("L6 No token or cookie is in any log, at the finest level, also where the store fails")
    func logs() async throws {
        let recorder = LogRecorder()
        let logger = Logger(label: "recorded", factory: { _ in recorder.handler() })
        try await withStore(.redis) { store in
            var options = SessionOptions()
            options.logger = logger
            let manager = try SessionManager(sessions: store.sessions, options: options)
            try await withApp(manager, logger: logger) { router in
                router.get("write") { _, context in
                    context.logger.info(
                        "\(context.session)",
                        metadata: ["session": "\(String(reflecting: context.session))"]
                    )
                    context.session["n", default: 0] += 1
                    return "ok"
                }
                router.get("rotate") { _, context in
                    try await context.session.rotate()
                    return "ok"
                }
                router.get("broken") { _, context -> String in
                    context.session["nan", as: Double.self] = .nan
                    return "ok"
                }
            } _: { port in
                let browser = Browser(port: port)
                for path in ["/write", "/rotate", "/broken", "/write"] { try await browser.get(path) }
                try await store.server?.stop()
                for path in ["/write", "/rotate"] { #expect(try await browser.get(path).status == 503) }
                let secrets = browser.client.issuedSecrets
                #expect(secrets.count == 2)
                let lines = recorder.lines
                #expect(!lines.isEmpty)
                for secret in secrets { #expect(!lines.contains { $0.contains(secret) }) }
                await browser.client.closeIdle()
            }
        }
    }
}
