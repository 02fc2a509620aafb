import HTTPTypes
import Modeler
import Testing

@testable import Sess

@Suite("A session's life")
struct LifecycleTests {
    @Test("L1 A session ends at its idle limit, to the millisecond, and use moves the limit")
    func idle() async throws {
        let app = try TestApp {
            $0.timeouts.expiry = Expiry(idle: .seconds(600))
            $0.timeouts.renewalWindow = .zero
        }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        for _ in 0..<5 {
            app.clock.advance(by: .milliseconds(599_999))
            #expect(try await app.visit(client) { $0["a"] } == 1)
        }
        app.clock.advance(by: .seconds(600))
        #expect(try await app.visit(client) { $0.isNew })
    }

    @Test("L1 Neither touches nor saves nor rotations pass the absolute limit")
    func absolute() async throws {
        let app = try TestApp {
            $0.timeouts.expiry = Expiry(idle: .seconds(600), absolute: .seconds(3600))
            $0.timeouts.renewalWindow = .zero
        }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 0 }
        for minute in 1..<60 {
            app.clock.advance(by: .seconds(60))
            try await app.visit(client) { session in
                #expect(!session.isNew)
                switch minute % 3 {
                case 0: session["a"] = .integer(minute)
                case 1: try await session.rotate()
                default: try await session.touch()
                }
            }
        }
        app.clock.advance(by: .milliseconds(59_999))
        #expect(try await app.visit(client) { !$0.isNew })
        app.clock.advance(by: .milliseconds(1))
        #expect(try await app.visit(client) { $0.isNew })
    }

    @Test("C7 A read-only request asks the store once; inside the renewal window it writes nothing")
    func readOnly() async throws {
        let log = Log()
        let app = try TestApp(over: { log.interpose($0) }) { $0.timeouts.expiry = Expiry(idle: .seconds(1800)) }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        #expect(log.take() == [.insert])
        for _ in 0..<10 {
            app.clock.advance(by: .seconds(17))
            try await app.visit(client) { _ = $0["a"] }
            #expect(log.take() == [.fetch])
        }
        app.clock.advance(by: .seconds(10))
        try await app.visit(client) { _ = $0["a"] }
        #expect(log.take() == [.fetch, .commit])
        try await app.visit(client) { _ = $0["a"] }
        #expect(log.take() == [.fetch])
        try await app.visit(client) { $0["a"] = 2 }
        #expect(log.take() == [.fetch, .commit])
    }

    @Test("L9 A request that doesn't use the session asks the store nothing and sets no cookie")
    func anonymous() async throws {
        let log = Log()
        let app = try TestApp(over: { log.interpose($0) })
        for _ in 0..<100 {
            let client = TestClient()
            try await app.visit(client) { _ in }
            #expect(client.last.isEmpty)
        }
        #expect(log.take() == [])
    }

    @Test("L2 After a rotation the old token is dead, the data is kept, and the id stays")
    func rotation() async throws {
        let app = try TestApp()
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        let old = TestClient(cookie: client.cookie)
        try await app.visit(client) { session in
            session["b"] = 2
            try await session.rotate()
            #expect(session.id == id)
        }
        #expect(client.cookie != old.cookie)
        #expect(try await app.visit(client) { $0.data } == ["a": 1, "b": 2])
        #expect(try await app.visit(old) { $0.isNew })
    }

    @Test("C6 Within its grace the old token is the same session, for reads and writes; after it, it is dead")
    func grace() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let old = TestClient(cookie: client.cookie)
        let underWay = try await app.manager.begin(app.request(cookie: old.cookie))
        try await app.visit(client) { try await $0.rotate(grace: .seconds(10)) }
        underWay["c"] = 3
        try await underWay.save()
        app.clock.advance(by: .seconds(9))
        try await app.visit(old) { $0["b"] = 2 }
        #expect(old.last[values: .setCookie].isEmpty)
        #expect(try await app.visit(client) { $0.data } == ["a": 1, "b": 2, "c": 3])
        app.clock.advance(by: .seconds(2))
        #expect(try await app.visit(old) { $0.isNew })
        #expect(try await app.visit(client) { !$0.isNew })
    }

    @Test("A request under way during a rotation without grace writes nothing and leaves the new cookie alone")
    func rotatedWhileInUse() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let underWay = try await app.manager.begin(app.request(cookie: client.cookie))
        try await app.visit(client) { try await $0.rotate() }
        underWay["a"] = 99
        var fields = HTTPFields()
        try await app.manager.finish(underWay, headerFields: &fields)
        #expect(fields[values: .setCookie].isEmpty)
        #expect(try await app.visit(client) { $0["a"] } == 1)
    }

    @Test(
        "C4 Gone is gone: what a request in flight does after a destroy revives nothing, and its response says nothing")
    func gone() async throws {
        let actions: [@Sendable (Session) async throws -> Void] = [
            { $0["a"] = 2 },
            { try await $0.rotate() },
            { try await $0.touch() },
            { try await $0.increment("n") },
            { session in try await session.update { $0["a"] = 3 } },
            { $0.unset("a") },
            { $0.drop() },
            { try await $0.destroy() },
            { try await $0.reload() },
        ]
        for (index, action) in actions.enumerated() {
            let app = try TestApp()
            let client = TestClient()
            try await app.visit(client) { $0["a"] = 1 }
            let underWay = try await app.manager.begin(app.request(cookie: client.cookie))
            try await app.visit(TestClient(cookie: client.cookie)) { try await $0.destroy() }
            do {
                try await action(underWay)
            } catch let error as SessionError {
                #expect(error.code == .gone, "action \(index)")
            }
            var fields = HTTPFields()
            try await app.manager.finish(underWay, headerFields: &fields)
            let cookies = fields[values: .setCookie]
            #expect(cookies.isEmpty, "the client may have a newer session; action \(index)")
            #expect(
                try await app.sessions.page(after: nil, limit: 10, order: .oldestFirst).ids.isEmpty, "action \(index)")
        }
    }

    @Test("S9 A write after a destroy makes a new session with a new cookie")
    func writeAfterDestroy() async throws {
        let app = try TestApp()
        let client = TestClient()
        let before = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        let after = try await app.visit(client) { session in
            try await session.destroy()
            session["b"] = 2
            return session.id
        }
        #expect(after != before)
        #expect(client.last[values: .setCookie].count == 1)
        #expect(try await app.visit(client) { $0.data } == ["b": 2])
    }

    @Test("E11 regenerate gives a new id and an empty session; the old one is gone")
    func regenerate() async throws {
        let app = try TestApp()
        let client = TestClient()
        let old = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        let new = try await app.visit(client) { session in
            try await session.regenerate()
            #expect(session.names.isEmpty)
            session["fresh"] = true
            return session.id
        }
        #expect(new != old)
        #expect(try await app.sessions.fetch(old) == nil)
        #expect(try await app.visit(client) { $0.data } == ["fresh": true])
    }

    @Test("E13 A session's own limits replace the manager's, and a persistent cookie lives as long")
    func ownLimits() async throws {
        let app = try TestApp {
            $0.cookie = try SessionCookie(persistence: .sessionLifetime)
            $0.timeouts.expiry = Expiry(idle: .seconds(1800))
        }
        let client = TestClient()
        try await app.visit(client) { session in
            session["a"] = 1
            try session.setTimeouts(Expiry(idle: .seconds(30 * 86400)))
        }
        #expect(client.last[.setCookie]?.contains("; Max-Age=2592000;") == true)
        app.clock.advance(by: .seconds(29 * 86400))
        #expect(try await app.visit(client) { $0["a"] } == 1)
        #expect(client.last[.setCookie]?.contains("; Max-Age=2592000;") == true)
    }

    @Test("E8 alwaysSet sends the cookie with every response of a stored session, never of one that isn't stored")
    func alwaysSet() async throws {
        let app = try TestApp { $0.cookie = try SessionCookie(alwaysSet: true) }
        let client = TestClient()
        try await app.visit(client) { _ = $0["a"] }
        #expect(client.last[values: .setCookie].isEmpty)
        try await app.visit(client) { $0["a"] = 1 }
        let cookie = client.cookie
        try await app.visit(client) { _ = $0["a"] }
        #expect(client.last[values: .setCookie].count == 1)
        #expect(client.cookie == cookie)
    }

    @Test("A change after the response has left is lost with a report, unless the app saves it itself")
    func changedTooLate() async throws {
        let events = EventLog()
        let app = try TestApp { $0.onEvent = events.append }
        let client = TestClient()
        var session: Session? = try await app.manager.begin(app.request())
        session?["a"] = 1
        var fields = HTTPFields()
        try await app.manager.finish(try #require(session), headerFields: &fields)
        client.receive(fields)
        session?["b"] = 2
        try await session?.save()
        session?["c"] = 3
        let id = try #require(session?.id)
        session = nil
        #expect(events.all == [.changedTooLate(session: id, fields: ["c"])])
        #expect(try await app.visit(client) { $0.data } == ["a": 1, "b": 2])
    }

    @Test("Another session is reached by its id, and gives no cookie away")
    func byID() async throws {
        let app = try TestApp()
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        let other = try #require(try await app.manager.unauthorizedSession(id: id))
        other["a"] = 2
        try await other.save()
        var fields = HTTPFields()
        try await app.manager.finish(other, headerFields: &fields)
        #expect(fields[values: .setCookie].isEmpty)
        #expect(try await app.visit(client) { $0["a"] } == 2)
        #expect(try await app.manager.unauthorizedSession(id: ModelID("unknown")) == nil)
    }
}

/// What a manager asked its store since the last look.
private final class Log: Sendable {
    private let interposed = Slot()

    func interpose(_ base: any ModelCollection) -> any ModelCollection {
        let collection = InterposedCollection(base)
        interposed.set(collection)
        return collection
    }

    func take() -> [InterposedCollection.Call] { interposed.take() }
}
