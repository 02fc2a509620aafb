import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

/// Rotations whose answer is lost: nobody knows which token holds.
@Suite("A rotation whose answer is lost")
struct LostRotationTests {
    /// What becomes of the commits of a request, and of whatever it asks afterwards.
    private enum Fault: CaseIterable { case none, appliedAndLost, lostUnapplied, refused }

    /// A store whose writes get lost while a test says so. Once one is, nothing else gets through.
    private final class Line: Sendable {
        private let state = Mutex<(fault: Fault, isCut: Bool)>((.none, false))

        func set(_ fault: Fault) { state.withLock { $0 = (fault, false) } }

        func store(_ base: any OwnershipCollection, staysCut: Bool = true) -> InterposedCollection {
            InterposedCollection(
                base,
                before: { call throws(ModelError) in
                    let (fault, isCut) = self.state.withLock { $0 }
                    if isCut { throw ModelError(.unavailable, "the line is cut") }
                    guard call == .commit else { return }
                    if fault == .refused { throw ModelError(.unavailable, "refused") }
                    if fault == .lostUnapplied { throw self.lost(staysCut) }
                },
                after: { call throws(ModelError) in
                    guard call == .commit, self.state.withLock({ $0.fault }) == .appliedAndLost else { return }
                    throw self.lost(staysCut)
                })
        }

        private func lost(_ staysCut: Bool) -> ModelError {
            state.withLock { $0 = (.none, staysCut) }
            return ModelError(.outcomeUnknown, "the answer was lost")
        }
    }

    @Test(
        "C6 No rotation by interval logs anybody out, whatever became of its write, and however late the next request comes",
        arguments: UserStoreKind.allCases, [false, true])
    func interval(_ kind: UserStoreKind, isSigned: Bool) async throws {
        try await UserStore.with(kind) { store in
            try await withThrowingTaskGroup { group in
                for fault in Fault.allCases {
                    group.addTask { try await Self.rotateByInterval(store, fault, isSigned: isSigned) }
                }
                try await group.waitForAll()
            }
        }
    }

    private static func rotateByInterval(_ store: UserStore, _ fault: Fault, isSigned: Bool) async throws {
        let user = "alice-\(fault)"
        let line = Line()
        let keys = try SigningKeys(["0123456789abcdef"])
        let app = try UsersApp(line.store(store.sessions)) { options in
            options.tokens.rotationInterval = .seconds(1)
            options.tokens.rotationGrace = .seconds(1)
            options.tokens.whenReused = .endSession
            if isSigned { options.tokens.signingKeys = keys }
        }
        let client = try await app.signedIn(user)
        let id = try await app.visit(client) { $0.id }
        let first = try #require(client.cookie)
        try await Task.sleep(for: .milliseconds(1100))
        line.set(fault)
        try await app.visit(client) { #expect($0.userID == user) }
        line.set(.none)
        #expect((client.cookie == first) == (fault == .refused))
        let doubtful = try #require(client.cookie)
        // Beyond every grace.
        try await Task.sleep(for: .milliseconds(1200))
        #expect(try await app.visit(client, server: 1) { ($0.userID, $0.id) } == (user, id), "\(fault)")
        let settled = try #require(client.cookie)
        #expect(!settled.contains("~"))
        #expect(settled != first)
        if doubtful.contains("~") { #expect(client.last[values: .setCookie].count == 1) }
        #expect(doubtful.contains("~") == (fault == .appliedAndLost || fault == .lostUnapplied))
        #expect(try await app.visit(client) { ($0.userID, $0.id) } == (user, id))
        try await app.manager.revokeAll(of: user)
    }

    @Test("A rotation that is tried again after a lost answer holds", arguments: UserStoreKind.allCases)
    func again(_ kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            for fault in [Fault.appliedAndLost, .lostUnapplied] {
                for deed in 0..<4 {
                    let line = Line()
                    let app = try UsersApp(line.store(store.sessions, staysCut: false), count: 1)
                    let client = TestClient()
                    let id = try await app.visit(client) { session in
                        session["a"] = 1
                        return session.id
                    }
                    let before = TestClient(cookie: client.cookie)
                    try await app.visit(client) { session in
                        line.set(fault)
                        let error = await #expect(throws: SessionError.self) { try await session.rotate() }
                        #expect(error?.code == .storeUnavailable)
                        switch deed {
                        case 0: try await session.rotate()
                        case 1:
                            session["a"] = 2
                            try await session.rotate()
                        case 2:
                            session["a"] = 2
                            try await session.save()
                        default: try await session.reload()
                        }
                    }
                    #expect(try await app.visit(client) { $0.id } == id, "\(fault) \(deed)")
                    #expect(try await app.visit(client) { $0["a"] } == (deed == 1 || deed == 2 ? 2 : 1))
                    if deed < 2 || fault == .appliedAndLost {
                        #expect(try await app.visit(before) { $0.isNew }, "the old token is dead")
                    }
                }
            }
        }
    }

    @Test("A request that fails with the rotation leaves its client in, by cookie or by header")
    func failed() async throws {
        let header = try #require(HTTPField.Name("X-Session"))
        for fault in [Fault.appliedAndLost, .lostUnapplied] {
            for transport in [SessionTransport.cookie, .header(header)] {
                let line = Line()
                let store = MemoryCollection(name: "sessions")
                let app = try UsersApp(line.store(store), count: 1) { $0.tokens.transports = [transport] }
                let minted = try await app.manager.mint(userID: "alice") { session in
                    session["a"] = 1
                    try await session.save()
                }
                func begin(_ token: String) async throws -> Session {
                    let fields: HTTPFields = [.cookie: "sess=\(token)", header: token]
                    return try await app.manager.begin(
                        SessionRequest(headerFields: fields, path: "/", isSecure: true, remoteAddress: nil))
                }
                let session = try await begin(minted.token)
                line.set(fault)
                await #expect(throws: SessionError.self) { try await session.rotate() }
                line.set(.none)
                var fields = HTTPFields()
                app.manager.finishWithoutSaving(session, headerFields: &fields)
                let text = fields[header] ?? fields[values: .setCookie].first.map { String($0.prefix { $0 != ";" }) }
                let token = try #require(text?.split(separator: "=").last.map(String.init))
                #expect(session.revealToken() == token)
                let next = try await begin(token)
                #expect(next.userID == "alice")
                #expect(next.revealToken()?.contains("~") == false)
                for wrong in [token + "~", String(token.dropLast()), token.replacing("~", with: "."), "~" + token] {
                    #expect(try await begin(wrong).isNew)
                }
            }
        }
    }

    @Test(
        "A sign-in whose answer is lost signs nobody in, and one that is tried again does",
        arguments: UserStoreKind.allCases)
    func signIn(_ kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            for retries in [false, true] {
                let line = Line()
                let app = try UsersApp(line.store(store.sessions, staysCut: false), count: 1)
                let client = TestClient()
                try await app.visit(client) { $0["a"] = 1 }
                try? await app.visit(client) { session in
                    line.set(.appliedAndLost)
                    await #expect(throws: SessionError.self) { try await session.signIn(userID: "alice") }
                    guard retries else { throw SessionError(.busy, "for the test") }
                    try await session.signIn(userID: "alice")
                }
                #expect(client.last[values: .setCookie].count == (retries ? 1 : 0))
                #expect(try await app.users(at: client) == [retries ? "alice" : nil])
                #expect(try await app.manager.sessions(of: "alice").count == (retries ? 1 : 0))
            }
        }
    }

    @Test("A write that the request's deadline cuts off is in doubt too", .timeLimit(.minutes(1)))
    func deadline() async throws {
        let isSlow = Mutex(false)
        let store = InterposedCollection(
            MemoryCollection(name: "sessions"),
            after: { call throws(ModelError) in
                guard call == .commit, isSlow.withLock({ $0 }) else { return }
                do { try await Task.sleep(for: .seconds(600)) } catch { throw ModelError(.cancelled, "cancelled") }
            })
        let app = try StoreApp(store) { $0.store.deadline = .milliseconds(50) }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        isSlow.withLock { $0 = true }
        let session = try await app.begin(client)
        let error = await app.manager.withStoreDeadline {
            await #expect(throws: SessionError.self) { try await session.rotate() }
        }
        #expect(error?.code == .storeUnavailable)
        var fields = HTTPFields()
        app.manager.finishWithoutSaving(session, headerFields: &fields)
        client.receive(fields)
        isSlow.withLock { $0 = false }
        #expect(try await app.visit(client) { $0["a"] } == 1)
    }
}
