import HTTPTypes
import Modeler
import Testing

@testable import Sess

@Suite("What a session says of its sign-in and its limits")
struct SignedInTests {
    @Test("The time of a sign-in is the store's, and another sign-in's is a new one")
    func signedInAt() async throws {
        let app = try TestApp()
        let client = app.browser()
        let start = app.clock.now
        try await app.visit(client) { session in
            session["a"] = 1
            #expect(session.signedInAt == nil)
            let error = #expect(throws: SessionError.self) { try session.requireUserID() }
            #expect(error?.code == .notSignedIn && error?.responseStatus == .unauthorized)
        }
        app.clock.advance(by: .seconds(60))
        try await app.visit(client) { session in
            try await session.signIn(userID: "alice")
            #expect(session.signedInAt == start + .seconds(60))
            #expect(try session.requireUserID() == "alice")
        }
        app.clock.advance(by: .seconds(60))
        try await app.visit(client) { #expect($0.signedInAt == start + .seconds(60)) }
        try await app.visit(client) { try await $0.signIn(userID: "alice") }
        try await app.visit(client) { #expect($0.signedInAt == start + .seconds(120)) }
        let fresh = try await app.signedIn("bob")
        try await app.visit(fresh) { #expect($0.signedInAt == $0.created) }
    }

    @Test("A sign-in is recent for as long as is asked, and signing in again makes it so")
    func freshness() async throws {
        let app = try TestApp()
        let client = app.browser()
        try await app.visit(client) { session in
            let error = #expect(throws: SessionError.self) { try session.requireRecentSignIn(within: .seconds(300)) }
            #expect(error?.code == .notSignedIn && error?.responseStatus == .unauthorized)
            try await session.signIn(userID: "alice")
            try session.requireRecentSignIn(within: .seconds(300))
        }
        app.clock.advance(by: .seconds(290))
        try await app.visit(client) { try $0.requireRecentSignIn(within: .seconds(300)) }
        app.clock.advance(by: .seconds(11))
        try await app.visit(client) { session in
            let error = #expect(throws: SessionError.self) { try session.requireRecentSignIn(within: .seconds(300)) }
            #expect(error?.code == .signInTooOld && error?.responseStatus == .forbidden)
            try session.requireRecentSignIn(within: .seconds(3000))
            try await session.signIn(userID: "alice")
            try session.requireRecentSignIn(within: .seconds(300))
        }
    }

    @Test("The timeouts in force are the session's own, the manager's, or those of anonymous sessions")
    func timeouts() async throws {
        let app = try TestApp {
            $0.timeouts.expiry = Expiry(idle: .seconds(600), absolute: .seconds(6000))
            $0.timeouts.anonymous = Expiry(idle: .seconds(60))
        }
        let client = app.browser()
        let anonymous = Expiry(idle: .seconds(60), absolute: .seconds(6000))
        try await app.visit(client) { session in
            #expect(session.timeouts == anonymous && !session.isRemembered && session.transport == .cookie)
            session["a"] = 1
        }
        try await app.visit(client) { session in
            #expect(session.timeouts == anonymous)
            try await session.signIn(userID: "alice")
            #expect(session.timeouts == Expiry(idle: .seconds(600), absolute: .seconds(6000)))
            try session.remember()
            #expect(session.timeouts == .remembered && session.isRemembered)
        }
        let id = try await app.visit(client) { session in
            #expect(session.timeouts == .remembered && session.isRemembered)
            session.stopRemembering()
            #expect(session.timeouts == Expiry(idle: .seconds(600), absolute: .seconds(6000)) && !session.isRemembered)
            return session.id
        }
        let reached = try #require(try await app.manager.unauthorizedSession(id: id))
        #expect(reached.transport == nil && !reached.isRemembered)
    }

    @Test("What requests ask for is told too: a session's beginning, sign-ins and ends")
    func events() async throws {
        let log = EventLog()
        let app = try TestApp { $0.onEvent = log.append }
        let client = app.browser()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        #expect(log.askedFor == [.created(session: id)])
        try await app.visit(client) { _ = $0["a"] }
        try await app.visit(client) { try await $0.signIn(userID: "alice") }
        try await app.visit(client) { try await $0.signOut() }
        #expect(
            log.askedFor == [
                .created(session: id), .signedIn(session: id, userID: "alice"), .ended(session: id, .destroyed),
            ])
        let other = app.browser()
        let revoked = try await app.visit(other) { session in
            try await session.signIn(userID: "bob")
            return session.id
        }
        try await app.manager.revokeAll(of: "bob")
        #expect(
            log.askedFor.suffix(3) == [
                .created(session: revoked), .signedIn(session: revoked, userID: "bob"),
                .ended(session: revoked, .revoked),
            ])
        #expect(log.all == [])
    }
}
