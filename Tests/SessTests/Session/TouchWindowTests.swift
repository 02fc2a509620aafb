import Modeler
import Testing

@testable import Sess

@Suite("A renewal window is shorter than the idle limit")
struct TouchWindowTests {
    @Test("L1 Whoever uses a session stays, however long the renewal window is set", arguments: [60, 150, 600, 86400])
    func longWindow(_ window: Int) async throws {
        for ownLimits in [false, true] {
            let app = try TestApp {
                $0.timeouts.expiry = Expiry(idle: .seconds(ownLimits ? 86400 : 600))
                $0.timeouts.renewalWindow = .seconds(window)
            }
            let client = app.browser()
            let id = try await app.visit(client) { session in
                session["a"] = 1
                if ownLimits { try session.setTimeouts(Expiry(idle: .seconds(600))) }
                return session.id
            }
            for _ in 0..<20 {
                app.clock.advance(by: .seconds(400))
                #expect(try await app.visit(client) { $0["a"] } == 1)
            }
            #expect(try await app.visit(client) { $0.id } == id)
        }
    }

    @Test("A window within a quarter of the idle limit is as it was set")
    func shortWindow() async throws {
        let app = try TestApp {
            $0.timeouts.expiry = Expiry(idle: .seconds(600))
            $0.timeouts.renewalWindow = .seconds(120)
        }
        let client = app.browser()
        try await app.visit(client) { $0["a"] = 1 }
        app.clock.advance(by: .seconds(119))
        try await app.visit(client) { _ = $0["a"] }
        #expect(try await app.visit(client) { $0.remaining } == .seconds(481))
        app.clock.advance(by: .seconds(1))
        try await app.visit(client) { _ = $0["a"] }
        #expect(try await app.visit(client) { $0.remaining } == .seconds(600))
    }
}
