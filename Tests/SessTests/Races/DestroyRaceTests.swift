import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import Sess

@Suite("A destroy races with everything else")
struct DestroyRaceTests {
    /// What two requests do, on a server each, while a third one ends their session.
    private enum Deed: Sendable, CustomStringConvertible {
        case save, increment, update, touch, rotate, rotateWithGrace, remember, signIn
        /// Both write one field, under the policy of this number.
        case conflict(Int)

        static let all =
            [Deed.save, .increment, .update, .touch, .rotate, .rotateWithGrace, .remember, .signIn]
            + PolicyCase.all.indices.map { Deed.conflict($0) }

        var description: String {
            switch self {
            case .save: "save"
            case .increment: "increment"
            case .update: "update"
            case .touch: "touch"
            case .rotate: "rotate"
            case .rotateWithGrace: "rotate with a grace"
            case .remember: "remember"
            case .signIn: "sign in"
            case .conflict(let policy): "conflict, \(PolicyCase.all[policy])"
            }
        }

        func run(_ session: Session, request: Int) async throws {
            switch self {
            case .save: session["late\(request)"] = true
            case .increment: try await session.increment("n")
            case .update: try await session.update { $0["n", default: 0] += 1 }
            case .touch: try await session.touch()
            case .rotate: try await session.rotate()
            case .rotateWithGrace: try await session.rotate(grace: .seconds(60))
            case .remember: try session.remember()
            // Of 64 users each, so that no index of a user's sessions grows with the number of races.
            case .signIn: try await session.signIn(userID: "user \(request) \(session.id.rawValue.prefix(1))")
            case .conflict(let policy):
                let actions = PolicyCase.all[policy].actions
                let field = DestroyRaceTests.field(policy)
                session[field, as: JSONValue.self] = actions[1 + request](session[field, as: JSONValue.self])
            }
            try await session.save()
        }
    }

    private static func field(_ policy: Int) -> String { "x\(policy)" }

    /// How the races went.
    private final class Tally: Sendable {
        private let state = Mutex<(ids: [ModelID], won: Int, lost: Int, alive: [String], conflicts: Set<String>)>(
            ([], 0, 0, [], []))

        var ids: [ModelID] { state.withLock { $0.ids } }
        var won: Int { state.withLock { $0.won } }
        var lost: Int { state.withLock { $0.lost } }
        var alive: [String] { state.withLock { $0.alive } }
        /// The fields on which two requests met.
        var conflicts: Set<String> { state.withLock { $0.conflicts } }

        func note(_ id: ModelID, won: Int, of count: Int, alive: String?) {
            state.withLock { state in
                state.ids.append(id)
                state.won += won
                state.lost += count - won
                if let alive { state.alive.append(alive) }
            }
        }

        @Sendable func note(_ event: SessionEvent) {
            guard case .conflict(_, let field, _) = event else { return }
            state.withLock { _ = $0.conflicts.insert(field) }
        }
    }

    @Test(
        "H3 C4 Destroy against save, touch, rotate, sign-in and conflicts under every policy: none is alive afterwards",
        arguments: SessionStoreKind.allCases)
    func races(_ kind: SessionStoreKind) async throws {
        let count = TestScale.count(1800, full: 100_000)
        let tally = Tally()
        try await UserStore.with(kind) { store in
            try await store.withSecondWay { other in
                let managers = try [store.sessions, other].map { sessions in
                    try UsersApp(sessions, count: 1) { options in
                        options.onEvent = tally.note
                        for (index, policy) in PolicyCase.all.enumerated() {
                            options.conflictPolicies[Self.field(index)] = policy.policy
                        }
                    }.manager
                }
                try await race(UsersApp(managers, store: store.sessions), count, tally)
            }
            try await Task.sleep(for: .milliseconds(100))
            var later = 0
            let ids = tally.ids
            for start in stride(from: 0, to: ids.count, by: 500) {
                later += try await store.sessions.fetch(Array(ids[start..<min(start + 500, ids.count)])).count {
                    $0 != nil
                }
            }
            let alive = tally.alive
            print(
                "H3 \(kind): \(count) races, \(alive.count) alive at once, \(later) after 100 ms;",
                "of the writes \(tally.won) came before the end, \(tally.lost) after it;",
                "conflicts on \(tally.conflicts.count) fields")
            #expect(alive == [] && later == 0)
            #expect(ids.count == count)
            if let server = store.server {
                #expect(try await !server.keys().contains { $0.remaining == -1 || !$0.key.contains(":owner:") })
            }
        }
        // Both outcomes occur, or there was no race; and so do conflicts.
        #expect(tally.won > count / 100 && tally.lost > count / 100)
        #expect(!tally.conflicts.isEmpty)
    }

    private func race(_ app: UsersApp, _ count: Int, _ tally: Tally) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                if number >= 32 { try await group.next() }
                group.addTask { try await self.raceOnce(app, number, tally) }
            }
            try await group.waitForAll()
        }
    }

    private func raceOnce(_ app: UsersApp, _ number: Int, _ tally: Tally) async throws {
        let deed = Deed.all[number % Deed.all.count]
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["n"] = 0
            if case .conflict(let policy) = deed {
                session[Self.field(policy), as: JSONValue.self] = PolicyCase.all[policy].first
            }
            return session.id
        }
        let clients = [TestClient(cookie: client.cookie), TestClient(cookie: client.cookie)]
        async let first = write(deed, app, clients[0], request: 0, yields: number % 2)
        async let second = write(deed, app, clients[1], request: 1, yields: number % 5)
        // Whoever destroys had begun before: a token that was replaced meanwhile is theirs no longer, the session is.
        let ender = try await app.managers[number % 2].unauthorizedSession(id: id)
        for _ in 0..<number % 7 { await Task.yield() }
        try await ender?.destroy()
        let won = try await [first, second].count { $0 }
        var alive = try await app.store.fetch(id) == nil ? nil : "\(deed): its record"
        for client in clients + [client] {
            guard let cookie = client.cookie else { continue }
            for server in 0...1 {
                try await app.visit(TestClient(cookie: cookie), server: server) { session in
                    if session.id == id { alive = "\(deed): a token" }
                    // A sign-in whose session has ended begins one of its own.
                    if !session.isNew {
                        if case .signIn = deed {} else { alive = "\(deed): another session" }
                        try await session.destroy()
                    }
                }
            }
        }
        tally.note(id, won: won, of: 2, alive: alive)
    }

    /// Whether the deed was done before the session's end.
    private func write(
        _ deed: Deed, _ app: UsersApp, _ client: TestClient, request: Int, yields: Int
    ) async throws -> Bool {
        do {
            return try await app.visit(client, server: request) { session in
                guard !session.isNew else { return false }
                for _ in 0..<yields { await Task.yield() }
                try await deed.run(session, request: request)
                return !session.hasEnded
            }
        } catch let error as SessionError where [.gone, .conflict].contains(error.code) {
            return false
        }
    }
}
