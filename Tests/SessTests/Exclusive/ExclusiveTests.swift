import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("Exclusive sections")
struct ExclusiveTests {
    /// Who is inside, and what they saw.
    private final class Watch: Sendable {
        private struct State {
            var inside = 0
            var most = 0
            var tokens: [Revision] = []
        }
        private let state = Mutex(State())

        var most: Int { state.withLock { $0.most } }
        var tokens: [Revision] { state.withLock { $0.tokens } }

        func enter(_ section: ExclusiveSection) {
            state.withLock { state in
                state.inside += 1
                state.most = max(state.most, state.inside)
                state.tokens.append(section.fencingToken)
            }
        }

        func leave() { state.withLock { $0.inside -= 1 } }
    }

    /// Numbers in the order of their coming.
    private final class Order: Sendable {
        private let state = Mutex<[Int]>([])

        var numbers: [Int] { state.withLock { $0 } }

        func append(_ number: Int) { state.withLock { $0.append(number) } }
    }

    @Test("One at a time, on any server; each sees what the one before has left", arguments: UserStoreKind.allCases)
    func oneAtATime(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            try await self.runSideBySide(UsersApp(store.sessions))
        }
    }

    @Test("Sections work on sessions that are sealed at rest, and on ones that never expire")
    func sealed() async throws {
        let keys = try KeyRing([.init(name: "k", bytes: Array(repeating: 7, count: 32))])
        try await runSideBySide(UsersApp(MemoryCollection()) { $0.store.encryptionKeys = keys })
        try await runSideBySide(UsersApp(MemoryCollection()) { $0.timeouts.expiry = .never })
    }

    private func runSideBySide(_ app: UsersApp) async throws {
        let client = TestClient()
        try await app.visit(client) { $0["n"] = 0 }
        let watch = Watch()
        let (tasks, rounds) = (6, 5)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    let own = TestClient(cookie: client.cookie)
                    for _ in 0..<rounds {
                        let server = task % app.managers.count
                        try await app.visit(own, server: server) { session in
                            try await session.withExclusiveAccess(timeout: .seconds(60)) { section in
                                watch.enter(section)
                                let number = session["n", default: -1]
                                try await Task.sleep(for: .milliseconds(1))
                                session["n"] = .integer(number + 1)
                                watch.leave()
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await app.visit(client) { $0["n", default: -1] } == tasks * rounds)
        #expect(watch.most == 1)
        #expect(zip(watch.tokens, watch.tokens.dropFirst()).allSatisfy { $0 < $1 })
        #expect(app.managers.allSatisfy { $0.sectionLine.count == 0 })
    }

    @Test("Waiters of one process keep their order and don't ask the store while they wait")
    func order() async throws {
        let calls = InterposedCollection(MemoryCollection())
        let manager = SessionManager(sessions: calls)
        let session = try await Self.stored(manager)
        let order = Order()
        var others: [Session] = []
        for _ in 0..<5 { others.append(try #require(try await manager.unauthorizedSession(id: session.id))) }
        var tasks: [Task<Void, any Error>] = []
        try await session.withExclusiveAccess { _ in
            let before = calls.log.count
            for (number, other) in others.enumerated() {
                tasks.append(
                    Task.detached {
                        try await other.withExclusiveAccess { _ in order.append(number) }
                    }
                )
                while manager.sectionLine.waiting(for: session.id) <= number { await Task.yield() }
            }
            try await Task.sleep(for: .milliseconds(50))
            #expect(calls.log.count == before)
        }
        for task in tasks { try await task.value }
        #expect(order.numbers == [0, 1, 2, 3, 4])
    }

    @Test("Waiters are bounded in number and time, can be cancelled, and leave nothing behind")
    func bounds() async throws {
        let manager = SessionManager(sessions: MemoryCollection())
        let session = try await Self.stored(manager)
        let other = try #require(try await manager.unauthorizedSession(id: session.id))
        try await session.withExclusiveAccess { _ in
            let waiting = Task.detached { try await other.withExclusiveAccess(maximumWaiters: 1) { _ in } }
            while manager.sectionLine.waiting(for: session.id) == 0 { await Task.yield() }
            let third = try #require(try await manager.unauthorizedSession(id: session.id))
            #expect(await Self.code { try await third.withExclusiveAccess(maximumWaiters: 1) { _ in } } == .busy)
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            let late = Task.detached { try await other.withExclusiveAccess(timeout: .milliseconds(20)) { _ in } }
            #expect(await Self.code { try await late.value } == .busy)
            #expect(manager.sectionLine.waiting(for: session.id) == 0)
        }
        try await other.withExclusiveAccess { _ in }
        #expect(manager.sectionLine.count == 0)
    }

    @Test("Another server's section is waited for by asking, and no longer than stated")
    func boundedAcrossServers() async throws {
        let app = try UsersApp(MemoryCollection())
        let session = try await Self.stored(app.manager)
        let other = try #require(try await app.managers[1].unauthorizedSession(id: session.id))
        try await session.withExclusiveAccess { _ in
            let code = await Self.code {
                try await other.withExclusiveAccess(timeout: .milliseconds(50)) { _ in }
            }
            #expect(code == .busy)
        }
        try await other.withExclusiveAccess(timeout: .zero) { _ in }
    }

    @Test("A body that throws leaves at once; what it saved stays and what it only changed is dropped")
    func throwing() async throws {
        struct Refused: Error {}
        let app = try UsersApp(MemoryCollection())
        let client = TestClient()
        try await app.visit(client) { $0["n"] = 0 }
        try await app.visit(client) { session in
            await #expect(throws: Refused.self) {
                try await session.withExclusiveAccess { _ in
                    session["saved"] = true
                    try await session.save()
                    session["n"] = 1
                    throw Refused()
                }
            }
        }
        try await app.visit(client, server: 1) { session in
            try await session.withExclusiveAccess(timeout: .zero) { _ in
                #expect(session["saved"] == true)
                #expect(session["n"] == 0)
            }
            let record = try await app.store.fetch(session.id)
            #expect(record?.fields[SectionRecord.fieldName] == nil)
        }
    }

    @Test("Inside, the fields are the stored ones, also where others wrote between this request's own writes")
    func fresh() async throws {
        let app = try UsersApp(MemoryCollection())
        for limits in [Expiry(idle: .seconds(60)), .never] {
            let session = try await Self.stored(app.manager)
            try session.setTimeouts(limits)
            try await session.save()
            for round in 1...2 {
                let other = try #require(try await app.managers[1].unauthorizedSession(id: session.id))
                other["theirs"] = .integer(round)
                try await other.save()
                session["mine"] = .integer(round)
                if round == 2 { try await session.save() }
                try await session.withExclusiveAccess { _ in #expect(session["theirs"] == .integer(round)) }
            }
        }
    }

    @Test("A holder that is cancelled leaves at once")
    func cancelled() async throws {
        let app = try UsersApp(MemoryCollection())
        let session = try await Self.stored(app.manager)
        let inside = Mutex(false)
        let task = Task {
            try await session.withExclusiveAccess(lease: .seconds(600)) { _ in
                inside.withLock { $0 = true }
                try await Task.sleep(for: .seconds(600))
            }
        }
        while !inside.withLock({ $0 }) { await Task.yield() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let other = try #require(try await app.managers[1].unauthorizedSession(id: session.id))
        try await other.withExclusiveAccess(timeout: .zero) { _ in }
    }

    @Test("Sections don't nest; a session may end in one; one that isn't stored waits for nothing")
    func corners() async throws {
        let app = try UsersApp(MemoryCollection())
        let client = TestClient()
        try await app.visit(client) { session in
            try await session.withExclusiveAccess { section in
                #expect(section.fencingToken == 0 && section.isHeld)
                session["a"] = 1
                #expect(await Self.code { try await session.withExclusiveAccess { _ in } } == .busy)
            }
            #expect(!session.isNew)
        }
        try await app.visit(client) { session in
            try await session.withExclusiveAccess { _ in
                try await session.reload()
                try await session.rotate()
                session["b"] = 2
            }
            #expect(session["b"] == 2)
            try await session.withExclusiveAccess { _ in try await session.destroy() }
        }
        #expect(client.cookie == nil)
        for (wait, lease) in [(Duration.seconds(-1), Duration.seconds(1)), (.seconds(1), .milliseconds(99))] {
            let session = try await Self.stored(app.manager)
            let code = await Self.code {
                try await session.withExclusiveAccess(timeout: wait, lease: lease) { _ in }
            }
            #expect(code == .invalidConfiguration)
        }
    }

    /// How something failed; `nil` where it didn't, or with another error than a session's.
    static func code(_ body: () async throws -> Void) async -> SessionError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? SessionError)?.code
        }
    }

    static func stored(_ manager: SessionManager) async throws -> Session {
        let request = SessionRequest(headerFields: [:], path: "/", isSecure: false, remoteAddress: "127.0.0.1")
        let session = try await manager.begin(request)
        session["n"] = 0
        try await session.save()
        return session
    }
}
