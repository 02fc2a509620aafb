import Hummingbird
import Modeler
import Sess
import SessHummingbird
import SessTestSupport
import Testing

/// What an app can configure, and what its handlers can do with sessions.
@Suite struct OptionsTests {
    @Test(
        "S11 Saving unchanged data asks nobody; reloading a vanished session gives an empty one under a new id",
        arguments: StoreKind.allCases
    )
    func saveAndReload(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let manager = SessionManager(sessions: store.sessions)
            try await withApp(manager) { router in
                router.post("write") { _, context in
                    context.session["a"] = 1
                    return "\(context.session.id)"
                }
                router.post("same") { _, context in
                    context.session["a"] = 2
                    context.session["a"] = 1
                    try await context.session.save()
                    return "\(context.session.revision) \(context.session.isModified)"
                }
                router.post("reload") { _, context in
                    let session = context.session
                    let before = session.id
                    _ = try await manager.sessions.remove(before)
                    session["pending"] = 1
                    try await session.reload()
                    return "\(session.id != before) \(session.revision) \(session.names.count)"
                }
            } _: { port in
                let browser = Browser(port: port)
                let id = try await browser.post("/write").text
                #expect(try await browser.post("/same").text == "1 false")
                #expect(try await browser.post("/write").text == id)
                let kept = browser.copy()
                let reloaded = try await browser.post("/reload")
                #expect(reloaded.text == "true 0 0")
                #expect(browser.token == nil, "the cookie of the vanished session expires")
                #expect(try await kept.post("/write").text != id)
                await browser.client.closeIdle()
            }
        }
    }

    @Test("S12 The cookie has the name and every attribute that was configured", arguments: StoreKind.allCases)
    func cookieAttributes(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var options = SessionOptions()
            options.cookie = try SessionCookie(
                name: "__Secure-id",
                path: "/app",
                domain: "example.org",
                secure: .always,
                sameSite: .none,
                httpOnly: false,
                persistence: .sessionLifetime,
                partitioned: true,
                priority: .high
            )
            options.limits = Expiry(idle: .seconds(100), absolute: .seconds(1000))
            let manager = try SessionManager(sessions: store.sessions, options: options)
            try await withApp(manager, isTLS: true) { router in
                router.post("app/write") { _, context in
                    context.session["a"] = 1
                    return "ok"
                }
                router.post("apple") { _, context in
                    context.session["a"] = 1
                    return "\(context.session.isDetached)"
                }
            } _: { port in
                let client = TestHTTPClient()
                let cookie = try #require(try await client.send(.post("/app/write"), to: port).setCookies.first)
                let attributes = Set(cookie.split(separator: ";").dropFirst().map { $0.drop { $0 == " " } })
                #expect(cookie.hasPrefix("__Secure-id=v1."))
                #expect(
                    attributes == [
                        "Max-Age=100", "Domain=example.org", "Path=/app", "Secure", "SameSite=None", "Partitioned",
                        "Priority=High",
                    ]
                )
                let outside = try await client.send(.post("/apple"), to: port)
                #expect(outside.text == "true", "E5: no session work outside of the path")
                #expect(outside.setCookies.isEmpty)
                await client.closeIdle()
            }
            if let server = store.server { #expect(try await server.keys().count == 1) }
        }
    }

    @Test(
        "S12 E8 alwaysSet sends the cookie with every response to a stored session, and with no other",
        arguments: StoreKind.allCases
    )
    func alwaysSet(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var options = SessionOptions()
            options.cookie = try SessionCookie(name: "id", alwaysSet: true)
            try await withApp(try SessionManager(sessions: store.sessions, options: options)) { router in
                router.get("read") { _, context in "\(context.session.contains("a"))" }
                router.post("write") { _, context in
                    context.session["a"] = 1
                    return "ok"
                }
            } _: { port in
                let browser = Browser(port: port)
                #expect(try await browser.get("/read").setCookies.isEmpty)
                let first = try await browser.post("/write").setCookies
                #expect(first.count == 1)
                #expect(try await browser.get("/read").setCookies == first)
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "S13 Replacing the session's data persists; replacing it with nothing empties it",
        arguments: StoreKind.allCases
    )
    func replace(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await withApp(SessionManager(sessions: store.sessions)) { router in
                router.get("read") { _, context in context.session.names.sorted().joined(separator: " ") }
                router.post("first") { _, context in
                    context.session.data = ["a": 1, "b": ["c": [true, nil]]]
                    return "\(context.session.id)"
                }
                router.post("second") { _, context in
                    context.session.data = ["b": 2, "d": "é"]
                    return "\(context.session.id)"
                }
                router.post("none") { _, context in
                    context.session.data = [:]
                    return "\(context.session.id)"
                }
            } _: { port in
                let browser = Browser(port: port)
                let id = try await browser.post("/first").text
                #expect(try await browser.get("/read").text == "a b")
                #expect(try await browser.post("/second").text == id)
                #expect(try await browser.get("/read").text == "b d")
                #expect(try await browser.post("/none").text == id)
                #expect(try await browser.get("/read").text == "")
                #expect(try await browser.post("/first").text == id)
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "S15 Another session is reached by its id; the request's own is the very same object",
        arguments: StoreKind.allCases
    )
    func others(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await withApp(SessionManager(sessions: store.sessions)) { router in
                router.get("read") { _, context in context.session["from", default: "nobody"] }
                router.post("begin") { _, context in
                    context.session["a"] = 1
                    return "\(context.session.id)"
                }
                router.post("send/:id") { request, context in
                    let id = try ModelID(context.parameters.require("id"))
                    guard let other = try await context.sessions.load(id) else { return "none" }
                    other["from", default: ""] += "me"
                    if other === context.session { return "own" }
                    try await other.save()
                    return "other"
                }
            } _: { port in
                let (alice, bob) = (Browser(port: port), Browser(port: port))
                let aliceID = try await alice.post("/begin").text
                let bobID = try await bob.post("/begin").text
                #expect(try await alice.post("/send/\(bobID)").text == "other")
                #expect(try await alice.post("/send/\(aliceID)").text == "own")
                #expect(try await alice.post("/send/\(bobID)").setCookies.isEmpty)
                #expect(try await bob.get("/read").text == "meme")
                #expect(try await alice.get("/read").text == "me")
                #expect(try await alice.post("/send/AAAAAAAAAAAAAAAAAAAAAA").text == "none")
                for browser in [alice, bob] { await browser.client.closeIdle() }
            }
        }
    }

    @Test("S16 A session encodes as its plain data", arguments: StoreKind.allCases)
    func encodes(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            try await withApp(SessionManager(sessions: store.sessions)) { router in
                router.get("read") { _, context in
                    String(decoding: try EncodedJSON(encoding: context.session).bytes, as: UTF8.self)
                }
                router.post("write") { _, context in
                    context.session["a"] = ["b": [1, 2.5, true, nil, "é"]]
                    return "ok"
                }
            } _: { port in
                let browser = Browser(port: port)
                #expect(try await browser.get("/read").text == "{}")
                try await browser.post("/write")
                let read = try await browser.get("/read")
                #expect(read.json == ["a": ["b": [1, 2.5, true, nil, "é"]]])
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "E14 The rules of __Host-, __Secure-, SameSite=None and Partitioned are checked when the cookie is configured"
    )
    func cookieRules() throws {
        #expect(throws: SessionError.self) { try SessionCookie(name: "__Host-id") }
        #expect(throws: SessionError.self) { try SessionCookie(name: "__host-id", path: "/a", secure: .always) }
        #expect(throws: SessionError.self) { try SessionCookie(name: "__Host-id", domain: "a.b", secure: .always) }
        #expect(throws: SessionError.self) { try SessionCookie(name: "__Secure-id") }
        #expect(throws: SessionError.self) { try SessionCookie(secure: .never, sameSite: .none) }
        #expect(throws: SessionError.self) { try SessionCookie(secure: .never, partitioned: true) }
        for name in ["", "a b", "a;b", "a=b", "é", "a\r\nb", "a\0"] {
            #expect(throws: SessionError.self) { try SessionCookie(name: name) }
        }
        for path in ["", "a", "/a;b", "/a\r\nSet-Cookie: x=y", "/é"] {
            #expect(throws: SessionError.self) { try SessionCookie(path: path) }
        }
        #expect(throws: Never.self) { try SessionCookie(name: "__Host-id", secure: .always) }
    }
}
