import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

/// What the options make of a session's cookie and id.
@Suite("Cookies and ids by option")
struct CookieOptionsTests {
    @Test(
        "E6 Secure and SameSite by themselves follow the connection, and the word of a trusted proxy alone",
        arguments: [
            (true, "10.0.0.1", "", true), (false, "10.0.0.1", "https", true), (false, "10.0.0.1", "http", false),
            (false, "192.0.2.1", "https", false), (false, "192.0.2.1", "", false),
        ]
    )
    func auto(_ isTLS: Bool, _ address: String, _ proto: String, _ isSecure: Bool) async throws {
        let app = try StoreApp(MemoryCollection(name: "sessions")) {
            $0.cookie = try SessionCookie(sameSite: .auto)
            $0.trustedProxies = try TrustedProxies(["10.0.0.0/8"])
        }
        var request = SessionRequest(headerFields: [:], path: "/", isSecure: isTLS, remoteAddress: address)
        if !proto.isEmpty { request.headerFields[try #require(HTTPField.Name("X-Forwarded-Proto"))] = proto }
        let session = try await app.manager.begin(request)
        session["a"] = 1
        var fields = HTTPFields()
        try await app.manager.finish(session, headerFields: &fields)
        let cookie = try #require(fields[.setCookie])
        #expect(cookie.contains("; Secure") == isSecure)
        #expect(cookie.contains("; SameSite=None") == isSecure)
        #expect(cookie.contains("; SameSite=Lax") == !isSecure)
        // The cookie that ends it is one of the same kind.
        request.headerFields[.cookie] = String(cookie.prefix { $0 != ";" })
        let ending = try await app.manager.begin(request)
        try await ending.destroy()
        var last = HTTPFields()
        try await app.manager.finish(ending, headerFields: &last)
        #expect(last[.setCookie]?.contains("; SameSite=None") == isSecure)
    }

    @Test(
        "E7 The cookie is made for each request; another's name doesn't reach it", arguments: SessionStoreKind.allCases)
    func perRequest(_ kind: SessionStoreKind) async throws {
        struct Refusal: Error {}
        let host = try #require(HTTPField.Name("X-Tenant"))
        try await withSessions(kind) { store in
            let app = try StoreApp(store) {
                $0.cookie = try SessionCookie(name: "id")
                $0.cookieForRequest = { request, cookie in
                    switch request.headerFields[host] {
                    case "a": try SessionCookie(name: "id", domain: "a.example", priority: .high)
                    case "b": try SessionCookie(name: "other", path: "/b")
                    case "c": throw Refusal()
                    default: cookie
                    }
                }
            }
            func exchange(_ tenant: String?, path: String = "/", cookie: String? = nil, _ body: (Session) -> Void)
                async throws -> String?
            {
                var request = app.request(cookie: cookie, path: path)
                request.headerFields[host] = tenant
                let session = try await app.manager.begin(request)
                body(session)
                var fields = HTTPFields()
                try await app.manager.finish(session, headerFields: &fields)
                return fields[.setCookie]
            }
            let plain = try #require(try await exchange(nil) { $0["a"] = 1 })
            #expect(plain.hasPrefix("id=v1.") && !plain.contains("Domain"))
            let first = try #require(try await exchange("a") { $0["a"] = 1 })
            #expect(
                first.hasPrefix("id=v1.") && first.contains("; Domain=a.example;") && first.contains("Priority=High"))
            #expect(try await exchange("b") { $0["a"] = 1 } == nil, "E5: outside of its path")
            let other = try #require(try await exchange("b", path: "/b/x") { $0["a"] = 1 })
            #expect(other.hasPrefix("other=v1.") && other.contains("; Path=/b;"))
            let pair = String(other.prefix { $0 != ";" })
            _ = try await exchange("b", path: "/b", cookie: pair) { #expect($0["a"] == 1) }
            _ = try await exchange(nil, path: "/b", cookie: pair) { #expect($0.isNew) }
            let error = await #expect(throws: SessionError.self) { _ = try await exchange("c") { _ in } }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test("E8 Rolling: every response sends the cookie and starts the idle limit anew; none for what isn't stored")
    func rolling() async throws {
        for isRolling in [false, true] {
            let app = try TestApp {
                $0.rolling = isRolling
                $0.cookie = try SessionCookie(persistence: .sessionLifetime)
                $0.timeouts.expiry = Expiry(idle: .seconds(1000))
                $0.timeouts.anonymous = nil
            }
            let client = TestClient()
            try await app.visit(client) { _ = $0["a"] }
            #expect(client.last[values: .setCookie].isEmpty)
            try await app.visit(client) { $0["a"] = 1 }
            let cookie = client.cookie
            for _ in 0..<10 {
                app.clock.advance(by: .seconds(7))
                try await app.visit(client) { session in
                    _ = session["a"]
                    let remaining = try #require(session.remaining)
                    if isRolling { #expect(remaining == .seconds(993)) }
                }
                #expect(client.last[values: .setCookie].count == (isRolling ? 1 : 0))
                if isRolling { #expect(client.last[.setCookie]?.contains("; Max-Age=1000;") == true) }
                #expect(client.cookie == cookie)
            }
        }
    }

    @Test("E15 The app's own ids, made from the request, name sessions", arguments: SessionStoreKind.allCases)
    func ownIDs(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let numbers = Counter()
            let app = try StoreApp(store) {
                $0.makeID = { request in "\(request.path.dropFirst()).\(numbers.next())" }
            }
            let client = TestClient()
            func visit<Result>(_ path: String, _ body: (Session) async throws -> Result) async throws -> Result {
                let session = try await app.manager.begin(app.request(cookie: client.cookie, path: path))
                let result = try await body(session)
                try await app.finish(session, client)
                return result
            }
            let id = try await visit("/tenant-a") { session in
                session["a"] = 1
                return session.id
            }
            #expect(id.rawValue == "tenant-a.1")
            #expect(client.cookie?.hasPrefix("sess=v1.tenant-a.1.") == true)
            #expect(try await store.fetch(id) != nil)
            let cookie = client.cookie
            #expect(try await visit("/x") { ($0.id, $0["a"]) } == (id, 1))
            // Another secret gives nothing, and an id that a client sends is never adopted.
            let guess = "sess=\(SessionToken(id: id).text)"
            #expect(try await app.visit(TestClient(cookie: guess)) { $0.isNew })
            let planted = TestClient(cookie: "sess=\(SessionToken(id: try ModelID("planted")).text)")
            #expect(
                try await app.visit(planted) { session in
                    session["a"] = 1
                    return session.id.rawValue
                }.hasPrefix("."))
            let next = try await visit("/b") { session in
                try await session.regenerate()
                session["b"] = 1
                return session.id
            }
            #expect(next.rawValue.hasPrefix("b."))
            #expect(try await app.visit(TestClient(cookie: cookie)) { $0.isNew })
            #expect(try await visit("/b") { $0["b"] } == 1)
        }
    }

    @Test("E15 What is no id, and an id that is taken, is refused", arguments: SessionStoreKind.allCases)
    func wrongIDs(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            for wrong in [
                "", "a b", "a:b", "é", "a\r\nSET x y", "a*", "{a}", "_idx", String(repeating: "a", count: 129),
            ] {
                let app = try StoreApp(store) { $0.makeID = { _ in wrong } }
                let error = await #expect(throws: SessionError.self) { try await app.begin(TestClient()) }
                #expect(error?.code == .invalidConfiguration)
                #expect(error?.message.contains("makeID") == true)
            }
            let same = try StoreApp(store) { $0.makeID = { _ in "same" } }
            try await same.visit(TestClient()) { $0["a"] = 1 }
            let error = await #expect(throws: SessionError.self) { try await same.visit(TestClient()) { $0["b"] = 1 } }
            #expect(error?.code == .conflict)
            #expect(try await same.manager.unauthorizedSession(id: ModelID("same"))?.data == ["a": 1])
        }
    }

    @Test("E10 A dropped session ends, or stays as it was, by option", arguments: SessionStoreKind.allCases)
    func dropped(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            for policy in [DroppedSessionPolicy.destroy, .keep] {
                let app = try StoreApp(store) { $0.whenDropped = policy }
                let client = TestClient()
                let id = try await app.visit(client) { session in
                    session["a"] = 1
                    return session.id
                }
                let copy = TestClient(cookie: client.cookie)
                try await app.visit(client) { session in
                    session["a"] = 2
                    session.drop()
                    #expect(session.names.isEmpty)
                    #expect(session.isDetached)
                    session["b"] = 3
                    let error = await #expect(throws: SessionError.self) { try await session.save() }
                    #expect(error?.code == .detached)
                    session.drop()
                }
                #expect((client.cookie == nil) == (policy == .destroy))
                #expect(try await app.visit(copy) { $0.data } == (policy == .destroy ? [:] : ["a": 1]))
                #expect(try await (store.fetch(id) == nil) == (policy == .destroy))
                // A session that isn't stored, and one whose token was replaced before.
                let guest = TestClient()
                try await app.visit(guest) { session in
                    session["a"] = 1
                    session.drop()
                }
                #expect(guest.last[values: .setCookie].isEmpty)
                let rotated = TestClient()
                try await app.visit(rotated) { $0["a"] = 1 }
                try await app.visit(rotated) { session in
                    try await session.rotate()
                    session.drop()
                }
                #expect(try await app.visit(rotated) { $0["a"] } == (policy == .destroy ? .null : 1))
                #expect((rotated.cookie == nil) == (policy == .destroy))
            }
        }
    }

    @Test("E10 A store that can't end a dropped session fails the request")
    func dropFails() async throws {
        let app = try TestApp(
            over: {
                InterposedCollection($0) { call throws(ModelError) in
                    if call == .remove { throw ModelError(.unavailable, "down for the test") }
                }
            }
        )
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let error = await #expect(throws: SessionError.self) { try await app.visit(client) { $0.drop() } }
        #expect(error?.code == .storeUnavailable)
        #expect(try await app.visit(client) { $0["a"] } == 1)
    }

    @Test(
        "E13 A session ends at an instant of its own, for this browser session or a lasting cookie",
        arguments: [false, true])
    func instant(_ lasts: Bool) async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["a"] = 1
            #expect(session.expires == nil)
        }
        app.clock.advance(by: .seconds(1000))
        let end = app.clock.now + .seconds(90 * 86400)
        try await app.visit(client) { session in
            if lasts { try session.remember() }
            try session.expire(at: end)
        }
        #expect(client.last[.setCookie]?.contains("; Max-Age=7776000;") == (lasts ? true : nil))
        for day in 1...89 {
            app.clock.advance(by: .seconds(86400))
            try await app.visit(client) { session in
                #expect(session.expires == end)
                #expect(session.remaining == .seconds((90 - day) * 86400))
                session["day"] = JSONValue(integerLiteral: day)
            }
        }
        app.clock.advance(by: .milliseconds(86_399_999))
        #expect(try await app.visit(client) { !$0.isNew })
        app.clock.advance(by: .milliseconds(1))
        try await app.visit(client) { session in
            #expect(session.isNew)
            let error = #expect(throws: SessionError.self) { try session.expire(at: app.clock.now) }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test("E13 A century is a limit; more is refused when it is set", arguments: SessionStoreKind.allCases)
    func veryLarge(_ kind: SessionStoreKind) async throws {
        let century = Duration.seconds(100 * 366 * 86400)
        try await withSessions(kind) { store in
            let app = try StoreApp(store)
            for limits in [Expiry(idle: century), Expiry(absolute: century), Expiry(idle: century, absolute: century)] {
                let client = TestClient()
                try await app.visit(client) { session in
                    session["a"] = 1
                    try session.remember(timeouts: limits)
                }
                let remaining = try await app.visit(client) { session in
                    session["a"] = 2
                    return try #require(session.remaining)
                }
                #expect(remaining > century - .seconds(60))
                #expect(try await app.visit(client) { $0["a"] } == 2)
            }
            for wrong in [century + .milliseconds(1), .seconds(1 << 53), .seconds(Int64.max)] {
                try await app.visit(TestClient()) { session in
                    for limits in [Expiry(idle: wrong), Expiry(absolute: wrong)] {
                        let error = #expect(throws: SessionError.self) { try session.remember(timeouts: limits) }
                        #expect(error?.code == .invalidConfiguration)
                    }
                    #expect(throws: SessionError.self) { try session.expire(at: Timestamp(milliseconds: .max)) }
                }
                #expect(throws: SessionError.self) { try StoreApp(store) { $0.timeouts.expiry = Expiry(idle: wrong) } }
            }
        }
    }

    @Test(
        "E14 Prefixes and attributes are checked when the cookie is configured",
        arguments: [
            ("__Http-id", SessionCookie.Secure.always, false, false), ("__Http-id", .auto, true, false),
            ("__http-id", .always, true, true), ("__Host-Http-id", .always, false, false),
            ("__Host-Http-id", .always, true, true), ("__Host-id", .always, true, true),
            ("__Host-id", .auto, true, false),
            ("__Secure-id", .always, false, true), ("__Secure-id", .never, false, false),
        ]
    )
    func prefixes(_ name: String, _ secure: SessionCookie.Secure, _ httpOnly: Bool, _ isRight: Bool) {
        let cookie = try? SessionCookie(
            name: name, secure: secure, httpOnly: httpOnly, partitioned: true, priority: .low)
        #expect((cookie != nil) == isRight)
        let header = cookie?.header(token: "t", isSecure: true, remaining: nil)
        #expect(header?.hasSuffix("; Partitioned; Priority=Low") != false)
    }
}

/// Counts up from 1.
private final class Counter: Sendable {
    private let last = Mutex(0)
    func next() -> Int {
        last.withLock {
            $0 += 1
            return $0
        }
    }
}
