import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("The store is down")
struct StoreDownTests {
    /// A store that can be taken down.
    private final class Switch: Sendable {
        private let isDown = Mutex(false)
        func set(_ down: Bool) { isDown.withLock { $0 = down } }
        func check() throws(ModelError) {
            if isDown.withLock({ $0 }) { throw ModelError(.unavailable, "down for the test") }
        }
    }

    private func app(_ policy: SessionOptions.StoreDownPolicy) throws -> (TestApp, Switch) {
        let toggle = Switch()
        let app = try TestApp(
            over: { InterposedCollection($0) { _ throws(ModelError) in try toggle.check() } }
        ) { $0.store.whenDown = policy }
        return (app, toggle)
    }

    @Test("E2 With the policy to fail, a request with a token fails at its beginning, one that writes at its end")
    func fail() async throws {
        let (app, toggle) = try app(.fail)
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let underWay = try await app.manager.begin(app.request(cookie: client.cookie))
        toggle.set(true)
        for visitor in [TestClient(cookie: client.cookie), TestClient()] {
            let error = await #expect(throws: SessionError.self) {
                try await app.visit(visitor) { $0["b"] = 1 }
            }
            #expect(error?.code == .storeUnavailable)
        }
        underWay["a"] = 2
        var fields = HTTPFields()
        await #expect(throws: SessionError.self) { try await app.manager.finish(underWay, headerFields: &fields) }
        #expect(fields.isEmpty)
        let error = await #expect(throws: SessionError.self) { try await underWay.destroy() }
        #expect(error?.code == .storeUnavailable)
        toggle.set(false)
        #expect(try await app.visit(client) { $0["a"] } == 1)
    }

    @Test("With the policy to go on, requests are anonymous, nothing is saved, and no cookie is ever sent")
    func anonymous() async throws {
        let (app, toggle) = try app(.anonymous)
        let client = TestClient()
        try await app.visit(client) { $0["name"] = "alice" }
        toggle.set(true)
        for visitor in [TestClient(cookie: client.cookie), TestClient()] {
            try await app.visit(visitor) { session in
                #expect(session["name"] == .null)
                session["name"] = "mallory"
            }
            #expect(visitor.last[values: .setCookie].isEmpty)
        }
        let error = await #expect(throws: SessionError.self) {
            try await app.visit(TestClient(cookie: client.cookie)) { try await $0.destroy() }
        }
        #expect(error?.code == .storeUnavailable)
        toggle.set(false)
        #expect(try await app.visit(client) { $0["name"] } == "alice")
    }

    @Test("A session that is lost to a store error in the middle can be saved once the store is back")
    func recovery() async throws {
        let (app, toggle) = try app(.fail)
        let client = TestClient()
        try await app.visit(client) { session in
            session["a"] = 1
            toggle.set(true)
            await #expect(throws: SessionError.self) { try await session.save() }
            toggle.set(false)
            try await session.save()
        }
        #expect(try await app.visit(client) { $0["a"] } == 1)
    }
}
