import HTTPTypes
import Modeler
import NIOCore
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// What leaves with the response, and when.
@Suite struct ResponseTests {
    struct HandlerError: Error {}

    @Test(
        "A handler's error with a response of its own saves; any other saves nothing", arguments: StoreKind.allCases,
        AdapterKind.allCases)
    func errors(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/read") { request in request.session.names.sorted().joined(separator: " ") }
                app.get("/refused") { request -> String in
                    request.session["refused"] = 1
                    throw AppRefusal(.forbidden)
                }
                app.get("/broken") { request -> String in
                    request.session["broken"] = 1
                    throw HandlerError()
                }
                app.get("/ended") { request -> String in
                    try await request.session.destroy()
                    request.session["late"] = 1
                    throw HandlerError()
                }
            } _: { port in
                let browser = Browser(port: port)
                let broken = try await browser.get("/broken")
                #expect(broken.status == 500)
                #expect(broken.setCookies.isEmpty)
                let refused = try await browser.get("/refused")
                #expect(refused.status == 403)
                #expect(refused.setCookies.count == 1)
                #expect(try await browser.get("/broken").status == 500)
                #expect(try await browser.get("/read").text == "refused")
                let ended = try await browser.get("/ended")
                #expect(ended.status == 500)
                #expect(browser.token == nil, "a destroyed session's cookie expires also where the handler fails later")
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "C7 Reading is one trip without a write; writing is one more",
        arguments: AdapterKind.allCases)
    func trips(_ adapter: AdapterKind) async throws {
        try await withStore(.redis) { store in
            let server = try #require(store.server)
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/read") { request in "\(request.session["n", default: 0])" }
                app.get("/untouched") { _ in "ok" }
                app.get("/write") { request in
                    request.session["n", default: 0] += 1
                    request.session["m"] = 1
                    return "ok"
                }
            } _: { port in
                let browser = Browser(port: port)
                try await browser.get("/write")
                try await browser.get("/write")
                try await server.resetCounts()
                for _ in 0..<50 { try await browser.get("/read") }
                #expect(try await server.commandCounts() == ["hgetall": 50, "pttl": 50])
                try await server.resetCounts()
                try await browser.get("/write")
                let counts = try await server.commandCounts()
                #expect(counts["evalsha"] == 1)
                #expect(counts["hgetall"] == 1)
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "L9 Anonymous requests that leave the session alone: no cookie, no key, no command",
        arguments: AdapterKind.allCases)
    func anonymous(_ adapter: AdapterKind) async throws {
        try await withStore(.redis) { store in
            let server = try #require(store.server)
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/read") { request in "\(request.session["n", default: 0])" }
                app.get("/none") { request in
                    request.session["n"] = 1
                    request.session.unset("n")
                    try await request.session.save()
                    try await request.session.rotate()
                    return "ok"
                }
            } _: { port in
                try await server.resetCounts()
                let client = TestHTTPClient()
                let cookies = try await concurrently(TestScale.count(1_000, full: 10_000), width: 16) { index in
                    try await client.send(.get(index.isMultiple(of: 2) ? "/read" : "/none"), to: port).setCookies.count
                }
                #expect(cookies.allSatisfy { $0 == 0 })
                #expect(try await server.commandCounts().isEmpty)
                #expect(try await server.keys().isEmpty)
                await client.closeIdle()
            }
        }
    }

    @Test(
        "L11 Skipped paths take no part",
        arguments: AdapterKind.allCases)
    func skipped(_ adapter: AdapterKind) async throws {
        try await withStore(.redis) { store in
            let server = try #require(store.server)
            try await withApp(on: adapter, SessionManager(sessions: store.sessions), skip: { $0.hasPrefix("/static") })
            {
                app in
                app.get("/static/a") { request in
                    request.session["n"] = 1
                    return "\(request.session.isDetached)"
                }
                app.get("/write") { request in
                    request.session["n"] = 1
                    return "ok"
                }
            } _: { port in
                let browser = Browser(port: port)
                try await browser.get("/write")
                try await server.resetCounts()
                let response = try await browser.get("/static/a")
                #expect(response.text == "true")
                #expect(response.setCookies.isEmpty)
                #expect(try await server.commandCounts().isEmpty)
                await browser.client.closeIdle()
            }
        }
    }
}
