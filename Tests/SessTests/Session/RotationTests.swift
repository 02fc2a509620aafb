import HTTPTypes
import Modeler
import Testing

@testable import Sess

/// Tokens that are replaced by themselves, and tokens that turn up again.
@Suite("Rotation by interval, and reuse")
struct RotationTests {
    private func app(
        _ events: EventLog = EventLog(),
        _ configure: (inout SessionOptions) throws -> Void = { _ in }
    ) throws -> TestApp {
        try TestApp {
            $0.tokens.rotationInterval = .seconds(600)
            $0.tokens.rotationGrace = .seconds(30)
            $0.onEvent = events.append
            try configure(&$0)
        }
    }

    @Test("L2 A token is replaced after the interval, once, by a request that reads or one that writes")
    func interval() async throws {
        for writes in [false, true] {
            let app = try app()
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session["a"] = 1
                return session.id
            }
            for _ in 0..<3 {
                let before = TestClient(cookie: client.cookie)
                app.clock.advance(by: .seconds(560))
                try await app.visit(client) { _ = $0["a"] }
                #expect(client.cookie == before.cookie)
                app.clock.advance(by: .seconds(40))
                let revision = try await app.visit(client) { session in
                    #expect(session.id == id)
                    if writes { session["a"] = JSONValue(integerLiteral: Int(app.clock.now.milliseconds)) }
                    return session.revision
                }
                #expect(client.cookie != before.cookie)
                #expect(try await app.visit(client) { $0.revision } == revision + 1, "one commit")
                #expect(client.last[values: .setCookie].isEmpty)
                app.clock.advance(by: .seconds(31))
                #expect(try await app.visit(before) { $0.isNew })
            }
        }
    }

    @Test("C6 Requests that carry the old token within the grace: the same session, no fork, no logout, one new token")
    func parallel() async throws {
        let events = EventLog()
        let app = try app(events)
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        let old = try #require(client.cookie)
        app.clock.advance(by: .seconds(700))
        var sessions: [Session] = []
        for index in 0..<8 {
            let session = try await app.manager.begin(app.request(cookie: old))
            session["f\(index)"] = 1
            sessions.append(session)
        }
        var cookies: [String] = []
        for session in sessions {
            #expect(session.id == id)
            var fields = HTTPFields()
            try await app.manager.finish(session, headerFields: &fields)
            cookies += fields[values: .setCookie]
            client.receive(fields)
        }
        #expect(cookies.count == 1)
        app.clock.advance(by: .seconds(29))
        let late = TestClient(cookie: old)
        #expect(try await app.visit(late) { $0.id } == id)
        #expect(late.last[values: .setCookie].isEmpty)
        app.clock.advance(by: .seconds(600))
        #expect(try await app.visit(client) { $0.names.count } == 9)
        #expect(events.all == [])
    }

    @Test("C6 A response to the old token never brings the old token again, whatever else it has to say of the cookie")
    func oldTokenStaysOld() async throws {
        let app = try app { $0.cookie = try SessionCookie(persistence: .sessionLifetime, alwaysSet: true) }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let old = TestClient(cookie: client.cookie)
        app.clock.advance(by: .seconds(600))
        try await app.visit(client) { _ = $0["a"] }
        app.clock.advance(by: .seconds(10))
        try await app.visit(old) { try await $0.touch() }
        #expect(old.last[values: .setCookie].isEmpty)
        try await app.visit(old) { $0["a"] = 2 }
        #expect(old.last[values: .setCookie].isEmpty)
        #expect(try await app.visit(client) { $0["a"] } == 2)
    }

    @Test("A token that was replaced is reported when it turns up after its grace; by option the session ends")
    func reuse() async throws {
        for policy in [SessionOptions.ReusedTokenPolicy.report, .endSession] {
            let events = EventLog()
            let app = try app(events) { $0.tokens.whenReused = policy }
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session["a"] = 1
                return session.id
            }
            let stolen = try #require(client.cookie)
            app.clock.advance(by: .seconds(600))
            try await app.visit(client) { _ = $0["a"] }
            app.clock.advance(by: .seconds(29))
            #expect(try await app.visit(TestClient(cookie: stolen)) { $0.id } == id)
            #expect(events.all == [])
            app.clock.advance(by: .seconds(2))
            let thief = TestClient(cookie: stolen)
            #expect(try await app.visit(thief) { $0.isNew })
            #expect(events.all == [.tokenReused(session: id)])
            #expect(try await app.visit(client) { $0.isNew } == (policy == .endSession))
        }
    }

    @Test("What was on its way during a rotation without grace is refused, but no reuse")
    func underWay() async throws {
        let events = EventLog()
        let app = try app(events) { $0.tokens.whenReused = .endSession }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let old = try #require(client.cookie)
        try await app.visit(client) { try await $0.rotate() }
        app.clock.advance(by: .seconds(29))
        #expect(try await app.visit(TestClient(cookie: old)) { $0.isNew })
        #expect(events.all == [])
        #expect(try await app.visit(client) { !$0.isNew })
        app.clock.advance(by: .seconds(2))
        #expect(try await app.visit(TestClient(cookie: old)) { $0.isNew })
        #expect(events.all.count == 1)
        #expect(try await app.visit(client) { $0.isNew })
    }

    @Test("A guessed secret is no reuse and ends nothing")
    func guess() async throws {
        let events = EventLog()
        let app = try app(events) { $0.tokens.whenReused = .endSession }
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            try await session.save()
            try await session.rotate()
            return session.id
        }
        app.clock.advance(by: .seconds(100))
        #expect(try await app.visit(TestClient(cookie: "sess=\(SessionToken(id: id).text)")) { $0.isNew })
        #expect(events.all == [])
        #expect(try await app.visit(client) { !$0.isNew })
    }

    @Test("A bearer token stays: no response could bring another one")
    func bearer() async throws {
        let app = try app { $0.tokens.transports = [.bearer] }
        let begun = try await app.manager.begin(app.request())
        begun["a"] = 1
        try await begun.save()
        let token = try #require(begun.revealToken())
        app.clock.advance(by: .seconds(1200))
        for _ in 0..<2 {
            var request = app.request()
            request.headerFields[.authorization] = "Bearer \(token)"
            let session = try await app.manager.begin(request)
            #expect(session["a"] == 1)
            var fields = HTTPFields()
            try await app.manager.finish(session, headerFields: &fields)
            app.clock.advance(by: .seconds(60))
        }
    }

    @Test("A store that can't write puts a rotation off and fails no request that only reads")
    func putOff() async throws {
        let app = try TestApp(
            over: {
                InterposedCollection($0) { call throws(ModelError) in
                    if call == .commit { throw ModelError(.unavailable, "writes are refused for the test") }
                }
            }
        ) { $0.tokens.rotationInterval = .seconds(60) }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let cookie = client.cookie
        app.clock.advance(by: .seconds(100))
        #expect(try await app.visit(client) { $0["a"] } == 1)
        #expect(client.cookie == cookie)
    }

    @Test("Intervals and graces that make no sense are refused when they are configured")
    func configuration() {
        for (interval, grace) in [
            (Duration?.some(.seconds(20)), Duration.seconds(30)), (.seconds(20), .zero), (nil, .seconds(-1)),
        ] {
            #expect(throws: SessionError.self) {
                _ = try TestApp {
                    $0.tokens.rotationInterval = interval
                    $0.tokens.rotationGrace = grace
                }
            }
        }
    }
}
