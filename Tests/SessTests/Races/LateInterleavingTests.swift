import HTTPTypes
import Logging
import Modeler
import RedisTestServer
import Testing

@testable import Sess

/// A request beside one that replaces its token or ends its session, in every order of their store calls and of their
/// responses.
@Suite("A late request in every order")
struct LateInterleavingTests {
    /// What becomes of the session.
    enum Change: String, Sendable, CaseIterable {
        case signIn, signOutAndIn, regenerateAndSignIn, destroyAndWrite, rotate, rotateWithGrace

        func run(_ session: Session) async throws {
            switch self {
            case .signIn: try await session.signIn(userID: "alice")
            case .signOutAndIn:
                try await session.signOut()
                try await session.signIn(userID: "alice")
            case .regenerateAndSignIn:
                try await session.regenerate()
                try await session.signIn(userID: "alice")
            case .destroyAndWrite:
                try await session.destroy()
                session["anew"] = true
            case .rotate: try await session.rotate()
            case .rotateWithGrace: try await session.rotate(grace: .seconds(60))
            }
        }

        var signsIn: Bool { [.signIn, .signOutAndIn, .regenerateAndSignIn].contains(self) }
    }

    /// What the late request does.
    enum Deed: String, Sendable, CaseIterable {
        case nothing, read, write, save, increment, touch, reload, reloadAndWrite, remember

        var writes: Bool { [.write, .save, .increment, .reloadAndWrite].contains(self) }

        func run(_ session: Session) async throws {
            switch self {
            case .nothing: break
            case .read: _ = session["prepared"]
            case .write: session["late"] = true
            case .save:
                session["late"] = true
                try await session.save()
            case .increment: try await session.increment("late")
            case .touch: try await session.touch()
            case .reload: try await session.reload()
            case .reloadAndWrite:
                try await session.reload()
                session["late"] = true
            case .remember: try session.remember()
            }
        }
    }

    enum Cookies: String, Sendable, CaseIterable {
        case standard, rolling, alwaysSet, persistent

        func options() throws -> SessionOptions {
            var options = SessionOptions()
            options.logger.logLevel = .critical
            switch self {
            case .standard: break
            case .rolling: options.rolling = true
            case .alwaysSet: options.cookie = try SessionCookie(alwaysSet: true)
            case .persistent:
                options.cookie = try SessionCookie(persistence: .sessionLifetime)
                options.timeouts.renewalWindow = .milliseconds(1)
            }
            return options
        }
    }

    @Test(
        "T1 T2 In every order of calls and responses a late request leaves the browser with a token that is accepted",
        arguments: SessionStoreKind.allCases)
    func everyOrder(_ kind: SessionStoreKind) async throws {
        let isLong = kind == .memory || TestScale.factor > 1
        var orders = 0
        try await withSessions(kind) { store in
            for cookies in isLong ? Cookies.allCases : [.standard] {
                for beginning in [RequestInterleavings.Beginning.beforeAll, .inOrder] {
                    for change in Change.allCases {
                        for deed in Deed.allCases {
                            var requests = RequestInterleavings(options: try cookies.options(), store: { store })
                            requests.beginning = beginning
                            orders += try await requests.run([{ try await change.run($0) }, { try await deed.run($0) }])
                            { try await check($0, change, deed, "\(cookies), \(change), \(deed), \(beginning)") }
                        }
                    }
                }
            }
        }
        print("T1 T2 \(kind): \(orders) orders")
        #expect(orders > 500)
    }

    private func check(
        _ outcome: RequestInterleavings.Outcome, _ change: Change, _ deed: Deed, _ what: String
    ) async throws {
        let comment = Comment(rawValue: "\(what): \(outcome.calls.joined(separator: ", "))")
        // One that did not come about has replaced nothing.
        guard outcome.errors[0] == nil else { return }
        // Who begins when nothing is left of the session is as one without a cookie: a write begins a session.
        if let begun = outcome.calls.firstIndex(of: "1.fetch"), let ended = outcome.calls.firstIndex(of: "0.remove"),
            ended < begun, deed.writes
        {
            return
        }
        let late = outcome.responses[1][values: .setCookie]
        #expect(!late.contains { $0.contains("Max-Age=0;") }, "only who ends a session says so: \(comment)")
        let changed = outcome.calls.firstIndex(where: Self.isWrite(of: 0)) ?? outcome.calls.endIndex
        let confirmed = outcome.calls.firstIndex(where: Self.isWrite(of: 1)) ?? outcome.calls.endIndex
        // A token that the late request confirmed before it was replaced may be told, and be overtaken on the way.
        let isConfirmed = confirmed < changed
        if !isConfirmed { #expect(late.isEmpty, comment) }
        let mayBeOvertaken = isConfirmed && !late.isEmpty && change != .rotateWithGrace
        for order in mayBeOvertaken ? [[1, 0]] : [[1, 0], [0, 1]] {
            let browser = outcome.browser(receiving: order)
            try await outcome.manager.visit(browser) { session in
                #expect(!session.isNew && !session.isDetached, "\(order) \(comment)")
                if change.signsIn { #expect(session.userID == "alice", "\(order) \(comment)") }
            }
        }
    }

    private static func isWrite(of request: Int) -> (String) -> Bool {
        let writes = ["insert", "commit", "touch", "remove"].map { "\(request).\($0)" }
        return { writes.contains($0) }
    }

    @Test("Requests that have begun before all others ask for nothing more than their writes, in every order")
    func beforeAll() async throws {
        var requests = RequestInterleavings()
        requests.beginning = .beforeAll
        var count = try await requests.run([{ $0["a"] = 1 }, { $0["b"] = 2 }, { _ = $0["a"] }]) { outcome in
            #expect(Set(outcome.calls) == ["0.commit", "1.commit"])
        }
        // Two commits: 2 orders.
        #expect(count == 2)
        count = try await requests.run([{ $0["a"] = 1 }, { try await $0.rotate() }]) { outcome in
            for (order, isRotated) in [([0, 1], true), ([1], true), ([0], false), ([], false)] {
                let browser = outcome.browser(receiving: order)
                #expect((browser.cookie != outcome.client.cookie) == isRotated)
            }
        }
        #expect(count >= 2)
    }
}
