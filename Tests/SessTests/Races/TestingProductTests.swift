import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("What SessTesting gives to apps' tests")
struct TestingProductTests {
    @Test("A session is minted in one line, signed in or not, for any transport")
    func minted() async throws {
        var options = SessionOptions()
        options.tokens.transports = [.cookie, .bearer]
        let manager = try SessionManager(sessions: MemoryCollection(), options: options)
        let alice = try await manager.mint(userID: "alice") { $0["role"] = "admin" }
        let visitor = try await manager.mint()
        try await manager.visit(TestBrowser(cookie: alice.cookie)) { session in
            #expect(session.id == alice.id && session.userID == "alice" && session["role"] == "admin")
        }
        try await manager.visit(TestBrowser(cookie: visitor.cookie)) { #expect($0.userID == nil && !$0.isNew) }
        var fields = HTTPFields()
        fields[.authorization] = "Bearer \(alice.token)"
        let bearer = SessionRequest(headerFields: fields, path: "/", isSecure: true, remoteAddress: nil)
        #expect(try await manager.begin(bearer).userID == "alice")
    }

    @Test("A session is minted below the cookie's path, for a host, and in the store's time")
    func mintedBelow() async throws {
        let clock = TestClock()
        var options = SessionOptions()
        options.cookie = try SessionCookie(path: "/app")
        options.cookieForRequest = { request, cookie in
            guard let host = request.authority else { throw SessionError(.invalidConfiguration, "no host") }
            return try SessionCookie(path: cookie.path, domain: host)
        }
        options.store.deadline = .seconds(1)
        let store = InterposedCollection(MemoryCollection(now: { clock.now })) { call throws(ModelError) in
            guard call == .commit else { return }
            do { try await Task.sleep(for: .seconds(60)) } catch { throw ModelError(.cancelled, "cancelled") }
        }
        let manager = try SessionManager(sessions: store, options: options)
        let minted = try await manager.mint(authority: "a.example")
        #expect(minted.cookie.hasPrefix("sess=v1."))
        let error = await #expect(throws: SessionError.self) {
            try await manager.mint(authority: "a.example") { session in
                session["a"] = 1
                try await session.save()
                session["a"] = 2
            }
        }
        #expect(error?.code == .storeUnavailable)
        let outside = await #expect(throws: SessionError.self) {
            try await manager.mint(path: "/other", authority: "a.example")
        }
        #expect(outside?.code == .detached)
    }

    @Test("A visit keeps the store's deadline, as an adapter does", .timeLimit(.minutes(1)))
    func deadline() async throws {
        let app = try TestSessions(
            over: {
                InterposedCollection($0) { call throws(ModelError) in
                    guard call == .commit else { return }
                    do { try await Task.sleep(for: .seconds(600)) } catch { throw ModelError(.cancelled, "cancelled") }
                }
            }
        ) { $0.store.deadline = .seconds(1) }
        let client = app.browser()
        try await app.visit(client) { $0["a"] = 1 }
        let error = await #expect(throws: SessionError.self) { try await app.visit(client) { $0["a"] = 2 } }
        #expect(error?.code == .storeUnavailable)
    }

    @Test("Over an interposed collection users sign in, all sessions can be ended, and ends are told")
    func interposed() async throws {
        let slot = Mutex<InterposedCollection?>(nil)
        let app = try TestSessions(
            over: { base in
                let interposed = InterposedCollection(base)
                slot.withLock { $0 = interposed }
                return interposed
            }
        )
        let interposed = try #require(slot.withLock { $0 })
        let alice = try await app.signedIn("alice")
        #expect(try await app.visit(alice) { $0.userID } == "alice")
        #expect(Set(interposed.log).isSuperset(of: [.insert, .reserve, .confirm, .fetch]))
        let ends = try await app.manager.endEvents(of: app.visit(alice) { $0.id }, pollingEvery: .seconds(600))
        #expect(try await app.manager.revokeEverySession().sessions == 1)
        #expect(await ends.first { _ in true } == .revoked)
        #expect(interposed.log.contains(.scan))
        #expect(try await app.visit(alice) { $0.userID } == nil)
    }

    @Test("What the base of an interposed collection doesn't have fails the call, and a lost answer has been applied")
    func interposedWithout() async throws {
        let base = MemoryCollection()
        let plain = InterposedCollection(PlainCollection(base))
        var error = await #expect(throws: ModelError.self) { try await plain.ownership(of: OwnerID("alice")) }
        #expect(error?.code == .misconfigured)
        error = await #expect(throws: ModelError.self) { try await plain.scan(after: nil, limit: 1) }
        #expect(error?.code == .misconfigured)
        var signals: [EndSignal] = []
        for await signal in plain.endSignals(of: ModelID(1)) { signals.append(signal) }
        #expect(signals == [.untold])

        let losing = InterposedCollection(
            base, after: { _ throws(ModelError) in throw ModelError(.outcomeUnknown, "lost") })
        error = await #expect(throws: ModelError.self) {
            try await losing.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
        }
        #expect(error?.code == .outcomeUnknown)
        #expect(try await base.fetch(ModelID(1)) != nil)
    }

    @Test("The clock moves sessions and cookies alike")
    func clock() async throws {
        let app = try TestSessions { $0.timeouts.expiry = Expiry(idle: .seconds(600)) }
        let alice = try await app.signedIn("alice")
        try await app.visit(alice) { try $0.remember(timeouts: Expiry(idle: .seconds(86400))) }
        app.clock.advance(by: .seconds(86399))
        #expect(alice.cookie != nil)
        #expect(try await app.visit(alice) { $0.userID } == "alice")
        app.clock.advance(by: .seconds(86400 * 2))
        #expect(alice.cookie == nil)
    }

    @Test("A browser sends a cookie to its path and over TLS only, and drops one that has ended")
    func jar() {
        var jar = CookieJar()
        jar.take(["a=1; Path=/shop", "b=2; Path=/; Secure", "c=3; Path=/"], path: "/", isSecure: true)
        #expect(jar.header(path: "/shop/cart", isSecure: true) == "a=1; b=2; c=3")
        #expect(jar.header(path: "/shopping") == "c=3")
        jar.take(["c=; Path=/; Max-Age=0"], path: "/")
        #expect(jar.header(path: "/") == nil)
    }
}
