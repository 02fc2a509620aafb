import HTTPTypes
import HiredisClient
import Logging
import Modeler
import ModelerRedis
import RedisTestServer
import Synchronization
import Testing

@testable import Sess

@Suite("A destroy races with everything else")
struct DestroyRaceTests {
    private enum Deed: CaseIterable {
        case save, increment, update, touch, rotate, rotateWithGrace, remember

        func run(_ session: Session) async throws {
            switch self {
            case .save: session["late"] = true
            case .increment: try await session.increment("n")
            case .update: try await session.update { $0["n", default: 0] += 1 }
            case .touch: try await session.touch()
            case .rotate: try await session.rotate()
            case .rotateWithGrace: try await session.rotate(grace: .seconds(60))
            case .remember: try session.remember()
            }
        }
    }

    /// How the races went.
    private final class Tally: Sendable {
        private let state = Mutex<(ids: [ModelID], won: Int, lost: Int, alive: Int)>(([], 0, 0, 0))

        var ids: [ModelID] { state.withLock { $0.ids } }
        var won: Int { state.withLock { $0.won } }
        var lost: Int { state.withLock { $0.lost } }
        var alive: Int { state.withLock { $0.alive } }

        func note(_ id: ModelID, hasWon: Bool, isAlive: Bool) {
            state.withLock { state in
                state.ids.append(id)
                if hasWon { state.won += 1 } else { state.lost += 1 }
                if isAlive { state.alive += 1 }
            }
        }
    }

    @Test("H3 C4 Destroy against save, touch and rotate: none is alive afterwards, in memory")
    func memory() async throws {
        let store = MemoryCollection(name: "sessions", limits: .init(maximumModels: 200_000))
        try await race(UsersApp(store), count: TestScale.count(2000, full: 100_000), label: "memory")
    }

    @Test("H3 C4 Destroy against save, touch and rotate: none is alive afterwards, in Redis by two servers")
    func redis() async throws {
        try await withRedisServer { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.logger.logLevel = .critical
            configuration.commandTimeout = .seconds(20)
            let clients = try (0..<2).map { _ in try RedisClient(configuration: configuration) }
            do {
                let managers = try clients.map { client in
                    try UsersApp(RedisCollection(client: client, prefix: "race:", name: "sessions"), count: 1)
                }
                let app = UsersApp(managers.map(\.manager), store: managers[0].store)
                try await race(app, count: TestScale.count(2000, full: 100_000), label: "Redis")
                guard case .array(let keys) = try await server.command("KEYS", "*") else { return }
                #expect(keys.isEmpty)
            } catch {
                for client in clients { await client.shutdown() }
                throw error
            }
            for client in clients { await client.shutdown() }
        }
    }

    private func race(_ app: UsersApp, count: Int, label: String) async throws {
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                if number >= 32 { try await group.next() }
                group.addTask { try await self.raceOnce(app, number, tally) }
            }
            try await group.waitForAll()
        }
        try await Task.sleep(for: .milliseconds(100))
        let later = try await app.store.fetch(tally.ids).count { $0 != nil }
        print("H3 \(label): \(count) races, \(tally.alive) alive at once, \(later) after 100 ms; won \(tally.won)")
        #expect(tally.alive == 0 && later == 0)
        // Both outcomes occur, or there was no race.
        #expect(tally.won > count / 100 && tally.lost > count / 100)
    }

    private func raceOnce(_ app: UsersApp, _ number: Int, _ tally: Tally) async throws {
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["n"] = 0
            return session.id
        }
        let own = TestClient(cookie: client.cookie)
        let deed = Deed.allCases[number % Deed.allCases.count]
        async let hasWon = app.visit(own, server: 1) { session in
            guard !session.isNew else { return false }
            if number.isMultiple(of: 2) { await Task.yield() }
            do {
                try await deed.run(session)
                try await session.save()
                return !session.hasEnded
            } catch let error as SessionError where error.code == .gone {
                return false
            }
        }
        // Whoever destroys had begun before: a token that was replaced meanwhile is theirs no longer, the session is.
        let other = try await app.manager.session(id: id)
        if number.isMultiple(of: 3) { await Task.yield() }
        try await other?.destroy()
        let won = try await hasWon
        var isAlive = try await app.store.fetch(id) != nil
        if let cookie = own.cookie, try await app.visit(TestClient(cookie: cookie), { $0.id == id && !$0.isNew }) {
            isAlive = true
        }
        tally.note(id, hasWon: won, isAlive: isAlive)
    }
}
