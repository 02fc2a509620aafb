import HTTPTypes
import Modeler
import RedisTestServer
import Testing

@testable import Sess

/// All orders of a request that writes and one that ends the session or replaces its token.
@Suite("Interleavings with ends and rotations")
struct EndingInterleavingTests {
    enum Other: CaseIterable { case destroy, regenerate, drop, rotate, grace, touch, signOutElsewhere }

    typealias Write = @Sendable (Session) async throws -> Void

    private static let writes: [(name: String, write: Write)] = [
        ("set", { $0["x"] = 1 }), ("unset", { $0.unset("seen") }),
        (
            "save",
            { session in
                session["x"] = 1
                try await session.save()
            }
        ), ("touch", { try await $0.touch() }), ("rotate", { try await $0.rotate() }),
        ("grace", { try await $0.rotate(grace: .seconds(60)) }), ("increment", { try await $0.increment("n") }),
        ("update", { session in try await session.update { $0["x"] = 1 } }),
        ("limits", { try $0.setTimeouts(Expiry(idle: .seconds(600))) }), ("remember", { try $0.remember() }),
    ]

    @Test(
        "H2 C4 C6 Every order of a write and an end or a rotation: gone is gone, no old token lives, no key is without a TTL",
        arguments: SessionStoreKind.allCases
    )
    func everyOrder(_ kind: SessionStoreKind) async throws {
        var runs = 0
        try await UserStore.with(kind) { store in
            let app = try StoreApp(store.sessions)
            for (name, write) in Self.writes {
                for other in Other.allCases {
                    for order in schedules(steps: 3) {
                        runs += 1
                        try await run(app, store, write, other, order, "\(name) \(other) \(order)")
                    }
                }
            }
        }
        print("H2 \(kind): \(runs) orders of a write and an end or a rotation")
        #expect(runs == 1400)
    }

    private func run(
        _ app: StoreApp, _ store: UserStore, _ write: Write, _ other: Other, _ order: Schedule, _ comment: Comment
    ) async throws {
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["seen"] = true
            return session.id
        }
        let original = try #require(client.cookie)
        let clients = [TestClient(cookie: original), TestClient(cookie: original)]
        var sessions: [Int: Session] = [:]
        var position = [0, 0]
        var reached = [false, false]
        var hasEnded = false
        // The revision after the other request has replaced the token without a grace.
        var rotated: Revision?
        for request in order {
            defer { position[request] += 1 }
            var succeeded = true
            switch position[request] {
            case 0:
                let session = try await app.begin(TestClient(cookie: original))
                sessions[request] = session
                // A request that begins after a rotation without grace, or an end, has another session.
                reached[request] = session.id == id
            case 1:
                let session = try #require(sessions[request])
                do {
                    if request == 0 { try await write(session) } else { try await act(other, session, app) }
                } catch let error as SessionError {
                    // A touch, a rotation or an update of a session that was ended or rotated away.
                    #expect(error.code == .gone, comment)
                    succeeded = false
                }
                let isEnd = [.destroy, .regenerate, .signOutElsewhere].contains(other)
                // Who comes with a token that was replaced meanwhile ends nothing.
                if request == 1, isEnd, reached[1], !session.isReplaced { hasEnded = true }
            default:
                let session = try #require(sessions[request])
                try await app.finish(session, clients[request])
                if request == 1, other == .drop, reached[1], !session.isReplaced { hasEnded = true }
            }
            let record = try await store.sessions.fetch(id)
            if request == 1, position[1] == 1, other == .rotate, reached[1], succeeded { rotated = record?.revision }
            if request == 0, let rotated { #expect(record?.revision == rotated, comment) }
            if hasEnded { #expect(record == nil, comment) }
            if let record { #expect(record.lifetime?.expires != nil, comment) }
        }
        // Of all tokens that ever were, those accepted are the one last issued and those within a grace.
        let record = try await store.sessions.fetch(id)
        if record == nil {
            for cookie in [original, clients[0].cookie, clients[1].cookie].compactMap(\.self) {
                #expect(try await app.begin(TestClient(cookie: cookie)).id != id, comment)
            }
        } else {
            let living = try await [original, clients[0].cookie, clients[1].cookie].compactMap(\.self)
                .asyncFilter { try await app.begin(TestClient(cookie: $0)).id == id }
            #expect(!living.isEmpty, comment)
            #expect(Set(living).count <= 2, comment)
        }
        if let server = store.server {
            // -2 where it is gone, -1 where it would stay for ever.
            #expect(try await server.command("PTTL", "users:sessions:\(id)").integer != -1, comment)
        }
        for client in clients {
            if let cookie = client.cookie {
                let end = try await app.begin(TestClient(cookie: cookie))
                try await end.destroy()
            }
        }
    }

    private func act(_ other: Other, _ session: Session, _ app: StoreApp) async throws {
        switch other {
        case .destroy: try await session.destroy()
        case .regenerate: try await session.regenerate()
        case .drop: session.drop()
        case .rotate: try await session.rotate()
        case .grace: try await session.rotate(grace: .seconds(60))
        case .touch: try await session.touch()
        case .signOutElsewhere: _ = try await app.manager.sessions.remove(session.id)
        }
    }

    @Test(
        "H3 C4 Destroy racing with every kind of write: never alive afterwards", arguments: SessionStoreKind.allCases)
    func races(_ kind: SessionStoreKind) async throws {
        let count = kind == .memory ? TestScale.count(4000, full: 100_000) : TestScale.count(600, full: 100_000)
        try await UserStore.with(kind) { store in
            let app = try StoreApp(store.sessions)
            for index in 0..<count {
                let client = TestClient()
                let id = try await app.visit(client) { session in
                    session["seen"] = true
                    return session.id
                }
                let cookie = client.cookie
                let write = Self.writes[index % Self.writes.count]
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let writer = TestClient(cookie: cookie)
                        do {
                            try await app.visit(writer) { try await write.write($0) }
                        } catch let error as SessionError {
                            #expect(error.code == .gone, "\(write.name)")
                        }
                    }
                    group.addTask {
                        // One that loses its token to the writer's rotation tries the way of an administrator.
                        let ender = TestClient(cookie: cookie)
                        try await app.visit(ender) { try await $0.destroy() }
                        _ = try await app.manager.sessions.remove(id)
                    }
                    try await group.waitForAll()
                }
                #expect(try await store.sessions.fetch(id) == nil, "\(write.name)")
            }
        }
    }
}

extension Array {
    fileprivate func asyncFilter(_ isIncluded: (Element) async throws -> Bool) async rethrows -> [Element] {
        var result: [Element] = []
        for element in self where try await isIncluded(element) { result.append(element) }
        return result
    }
}
