import HTTPTypes
import Modeler
import Testing

@testable import Sess

@Suite("Transports and remembering")
struct TransportTests {
    private func name(_ text: String) throws -> HTTPField.Name { try #require(HTTPField.Name(text)) }

    private func begin(_ app: TestApp, _ fields: [(String, String)]) async throws -> Session {
        var request = app.request()
        for (field, value) in fields { request.headerFields.append(HTTPField(name: try name(field), value: value)) }
        return try await app.manager.begin(request)
    }

    @Test("L10 A header carries the token both ways, and no cookie is sent")
    func header() async throws {
        let header = try name("X-Session")
        let app = try TestApp { $0.tokens.transports = [.header(header)] }
        let session = try await begin(app, [])
        session["a"] = 1
        var fields = HTTPFields()
        try await app.manager.finish(session, headerFields: &fields)
        let token = try #require(fields[header])
        #expect(fields[values: .setCookie].isEmpty)
        #expect(fields[.vary] == "X-Session")
        let next = try await begin(app, [("X-Session", token)])
        #expect(next["a"] == 1)
        try await next.destroy()
        fields = [:]
        try await app.manager.finish(next, headerFields: &fields)
        #expect(fields[header] == "")
        #expect(try await begin(app, [("Cookie", "sess=\(token)")]).isNew)
    }

    @Test("L10 A bearer token is handed over by the app alone; the scheme's case does not count")
    func bearer() async throws {
        let app = try TestApp { $0.tokens.transports = [.bearer] }
        let session = try await begin(app, [])
        #expect(session.revealToken() == nil)
        session["a"] = 1
        try await session.save()
        let token = try #require(session.revealToken())
        var fields = HTTPFields()
        try await app.manager.finish(session, headerFields: &fields)
        #expect(fields.allSatisfy { !$0.value.contains(token) })
        for scheme in ["Bearer", "bearer", "BEARER"] {
            #expect(try await begin(app, [("Authorization", "\(scheme) \(token)")])["a"] == 1)
        }
        for value in [token, "Basic \(token)", "Bearer  \(token)", "Bearer \(token)x", "Bearer"] {
            #expect(try await begin(app, [("Authorization", value)]).isNew, "\(value.count) bytes")
        }
    }

    @Test("L10 Transports are tried in their order, at most two tokens in all; the answer goes the way the token came")
    func order() async throws {
        let log = Slot()
        let app = try TestApp(over: {
            let interposed = InterposedCollection($0)
            log.set(interposed)
            return interposed
        }) { $0.tokens.transports = [.cookie, .bearer] }
        let session = try await begin(app, [])
        session["a"] = 1
        try await session.save()
        let token = try #require(session.revealToken())
        _ = log.take()
        let byBearer = try await begin(app, [("Authorization", "Bearer \(token)")])
        try await byBearer.rotate()
        var fields = HTTPFields()
        try await app.manager.finish(byBearer, headerFields: &fields)
        #expect(fields[values: .setCookie].isEmpty)
        let current = try #require(byBearer.revealToken())
        _ = log.take()
        let wrong = { SessionToken().text }
        let both = try await begin(app, [("Cookie", "sess=\(wrong())"), ("Authorization", "Bearer \(current)")])
        #expect(both["a"] == 1)
        #expect(log.take() == [.fetch, .fetch])
        let late = try await begin(
            app,
            [("Cookie", "sess=\(wrong()); sess=\(wrong())"), ("Authorization", "Bearer \(current)")]
        )
        #expect(late["a"] == 1)
        #expect(log.take() == [.fetch, .fetch])
    }

    @Test("A remembered session has a cookie that lives as long, renewed with use; forgetting ends that")
    func remember() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["name"] = "alice"
            try session.remember(timeouts: Expiry(idle: .seconds(10 * 86400)))
        }
        #expect(client.last[.setCookie]?.contains("; Max-Age=864000;") == true)
        app.clock.advance(by: .seconds(9 * 86400))
        #expect(try await app.visit(client) { $0["name"] } == "alice")
        #expect(client.last[.setCookie]?.contains("; Max-Age=864000;") == true)
        try await app.visit(client) { $0["a"] = 1 }
        #expect(client.last[.setCookie]?.contains("; Max-Age=864000;") == true)
        try await app.visit(client) { session in
            session["a"] = 2
            try await session.save()
        }
        #expect(client.last[.setCookie]?.contains("; Max-Age=864000;") == true, "saved in the middle of the request")
        try await app.visit(client) { $0.stopRemembering() }
        let cookie = try #require(client.last[.setCookie])
        #expect(!cookie.contains("Max-Age"))
        app.clock.advance(by: .seconds(1801))
        #expect(try await app.visit(client) { $0.isNew })
    }

    @Test("Transports that make no sense are refused when they are configured")
    func configuration() throws {
        #expect(throws: SessionError.self) { try TestApp { $0.tokens.transports = [] } }
        #expect(throws: SessionError.self) { try TestApp { $0.tokens.transports = [.cookie, .cookie] } }
    }
}
