import HTTPTypes
import Modeler
import Sess
import SessTestSupport
import Testing

/// What an app can configure, and what its handlers can do with sessions.
@Suite struct SessionOptionsTests {
    @Test(
        "S11 Saving unchanged data asks nobody; reloading a vanished session gives an empty one under a new id",
        arguments: StoreKind.allCases, AdapterKind.allCases
    )
    func saveAndReload(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let manager = SessionManager(sessions: store.sessions)
            try await withApp(on: adapter, manager) { app in
                app.post("/write") { request in
                    request.session["a"] = 1
                    return "\(request.session.id)"
                }
                app.post("/same") { request in
                    request.session["a"] = 2
                    request.session["a"] = 1
                    try await request.session.save()
                    return "\(request.session.revision) \(request.session.isModified)"
                }
                app.post("/reload") { request in
                    let session = request.session
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
                #expect(reloaded.setCookies.isEmpty, "the client may have got a newer token")
                #expect(try await kept.post("/write").text != id)
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "S12 The cookie has the name and every attribute that was configured", arguments: StoreKind.allCases,
        AdapterKind.allCases)
    func cookieAttributes(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
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
            options.timeouts.expiry = Expiry(idle: .seconds(100), absolute: .seconds(1000))
            let manager = try SessionManager(sessions: store.sessions, options: options)
            try await withApp(on: adapter, manager, isTLS: true) { app in
                app.post("/app/write") { request in
                    request.session["a"] = 1
                    return "ok"
                }
                app.post("/apple") { request in
                    request.session["a"] = 1
                    return "\(request.session.isDetached)"
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
        arguments: StoreKind.allCases, AdapterKind.allCases
    )
    func alwaysSet(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            var options = SessionOptions()
            options.cookie = try SessionCookie(name: "id", alwaysSet: true)
            try await withApp(on: adapter, try SessionManager(sessions: store.sessions, options: options)) { app in
                app.get("/read") { request in "\(request.session.contains("a"))" }
                app.post("/write") { request in
                    request.session["a"] = 1
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
        arguments: StoreKind.allCases, AdapterKind.allCases
    )
    func replace(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/read") { request in request.session.names.sorted().joined(separator: " ") }
                app.post("/first") { request in
                    request.session.data = ["a": 1, "b": ["c": [true, nil]]]
                    return "\(request.session.id)"
                }
                app.post("/second") { request in
                    request.session.data = ["b": 2, "d": "é"]
                    return "\(request.session.id)"
                }
                app.post("/none") { request in
                    request.session.data = [:]
                    return "\(request.session.id)"
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
        arguments: StoreKind.allCases, AdapterKind.allCases
    )
    func others(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/read") { request in request.session["from", default: "nobody"] }
                app.post("/begin") { request in
                    request.session["a"] = 1
                    return "\(request.session.id)"
                }
                app.post("/send/:id") { request in
                    let id = try ModelID(request.parameter("id") ?? "")
                    guard let other = try await request.requestSessions.load(id) else { return "none" }
                    other["from", default: ""] += "me"
                    if other === request.session { return "own" }
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

    @Test("S16 A session encodes as its plain data", arguments: StoreKind.allCases, AdapterKind.allCases)
    func encodes(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/read") { request in
                    String(decoding: try EncodedJSON(encoding: request.session).bytes, as: UTF8.self)
                }
                app.post("/write") { request in
                    request.session["a"] = ["b": [1, 2.5, true, nil, "é"]]
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
