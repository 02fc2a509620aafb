import Foundation
import Modeler
import Sess
import SessTestSupport
import Synchronization
import Testing

/// Closures of the app that use the session they are called for. Each test is a process of its own, since a lock that
/// is taken twice ends the process.
@Suite struct ClosureTests {
    /// The session that the closures use.
    private final class Holder: Sendable {
        private let session = Mutex<Session?>(nil)

        func set(_ session: Session) {
            let former = self.session.withLock { current -> Session? in
                defer { current = session }
                return current
            }
            // Out of the lock: the end of a session is an event as well.
            withExtendedLifetime(former) {}
        }

        func use() {
            guard let session = session.withLock({ $0 }) else { return }
            _ = (session.id, session.names, session.isModified, session["seen"], session.revision)
            session["used"] = true
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        var value: Int { count.withLock { $0 } }

        func add() { count.withLock { $0 += 1 } }
    }

    private static func expectMerge(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let holder = Holder()
        let merge = ConflictPolicy.merging(Int.self) { base, mine, theirs in
            holder.use()
            return (mine ?? 0) + (theirs ?? 0) - (base ?? 0)
        }
        try await TokenSite.with(
            kind, adapter, options: { $0.conflictPolicies = ["n": merge] },
            routes: { app, site in
                app.post("/add/:place") { request in
                    holder.set(request.session)
                    try await site.gates.pass(request.parameter("place") ?? "")
                    request.session["n", default: 0] += 1
                    return "ok"
                }
                app.post("/one") { request in
                    request.session["n", default: 0] += 1
                    return "ok"
                }
                app.get("/n") { request in "\(request.session["n", default: 0])" }
            }
        ) { site async throws in
            let browser = site.browser()
            try await browser.post("/begin")
            let late = try await browser.post(
                "/add/add", held: site.gates,
                while: { () async throws in #expect(try await browser.post("/one", to: site.ports[1]).status == 200) })
            #expect(late.status == 200)
            #expect(try await browser.get("/n").text == "2")
        }
    }

    private static func expectEvents(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let holder = Holder()
        let count = Counter()
        try await TokenSite.with(
            kind, adapter,
            options: {
                $0.onEvent = { _ in
                    holder.use()
                    count.add()
                }
            },
            routes: { app, site in
                app.post("/race/:place") { request in
                    holder.set(request.session)
                    try await site.gates.pass(request.parameter("place") ?? "")
                    request.session["same"] = "late"
                    // A field of another type: an event from within a read.
                    _ = request.session["begun", as: String.self]
                    return "ok"
                }
            }
        ) { site async throws in
            // A conflict, a session that is gone, one whose token was replaced.
            for action in ["/set/same", "/do/destroy", "/rotate/0"] {
                let browser = site.browser()
                try await browser.post("/begin")
                let late = try await browser.copy().post(
                    "/race/race", held: site.gates,
                    while: { () async throws in #expect(try await browser.post(action, to: site.ports[1]).status == 200)
                    })
                #expect([200, 409].contains(late.status), "\(action)")
            }
            #expect(count.value >= 4)
        }
    }

    private static func expectOptions(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let holder = Holder()
        try await TokenSite.with(
            kind, adapter,
            options: {
                $0.cookieForRequest = { _, cookie in
                    holder.use()
                    return cookie
                }
                $0.makeID = { _ in
                    holder.use()
                    return "\(ModelID.random())"
                }
            },
            routes: { app, site in
                app.post("/hold") { request in
                    request.session["begun"] = true
                    holder.set(request.session)
                    try await request.session.save()
                    // An id is made while the session begins anew.
                    try await request.session.regenerate()
                    request.session["anew"] = true
                    return "ok"
                }
            }
        ) { site async throws in
            let browser = site.browser()
            for _ in 0..<2 { #expect(try await browser.post("/hold").status == 200) }
            #expect(try await browser.get("/names").text == "anew")
        }
    }

    /// A process that hangs would hold up the tests that wait for it.
    private static func endProcessIfItHangs() {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: 30)
            exit(9)
        }
    }

    @Test("T13 A merge that uses its session neither traps nor deadlocks", .timeLimit(.minutes(1)))
    func merge() async {
        await #expect(processExitsWith: .success) {
            ClosureTests.endProcessIfItHangs()
            for kind in StoreKind.allCases {
                for adapter in AdapterKind.allCases { try await ClosureTests.expectMerge(kind, adapter) }
            }
        }
    }

    @Test("T13 An event's closure that uses its session neither traps nor deadlocks", .timeLimit(.minutes(1)))
    func event() async {
        await #expect(processExitsWith: .success) {
            ClosureTests.endProcessIfItHangs()
            for kind in StoreKind.allCases {
                for adapter in AdapterKind.allCases { try await ClosureTests.expectEvents(kind, adapter) }
            }
        }
    }

    @Test("T13 Closures that make cookies and ids may use a session", .timeLimit(.minutes(1)))
    func options() async {
        await #expect(processExitsWith: .success) {
            ClosureTests.endProcessIfItHangs()
            for kind in StoreKind.allCases {
                for adapter in AdapterKind.allCases { try await ClosureTests.expectOptions(kind, adapter) }
            }
        }
    }
}
