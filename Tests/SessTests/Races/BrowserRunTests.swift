import Foundation
import HTTPTypes
import Logging
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import Sess

/// Random requests of one browser that overlap, with their responses in any order.
///
/// The property: *if the store still accepts a token that was handed to the browser, it accepts the one that the
/// browser holds in the end*. Two things bound it, which no server can help:
///
/// - **Given up.** A response with a token that is accepted when it comes takes the place of another session's cookie,
///   as where a browser without cookies sends two requests at once. That session's tokens count no more. The same where
///   the token's session was ended, or the token replaced, after the response's own last write; and where a request
///   ends its session and the browser holds the cookie of another one by then: it expires all the same.
/// - **Overtaking.** Of two responses that both say something of the cookie, each for a write of its own, the one whose
///   write came first reaches the browser last: a rotation and the one after it, a sign-out and a sign-in beside it.
///   The browser then holds the older word. It is allowed only where the responses' order is the reverse of their
///   writes', and only between requests of which each has replaced or confirmed a token or has ended a session. A
///   response that says anything without a write of its own is never excused.
///
/// Besides, and without exception: the cookie expires only in the response of a request that ends a session and was
/// sent with a cookie (what begins and ends within a request, no client has ever held); and what only reads or writes a
/// stored session hands out no token.
@Suite("Random requests of one browser")
struct BrowserRunTests {
    enum Deed: String, Sendable, CaseIterable {
        case read, write, touch, rotate, rotateWithGrace, signIn, signInAnother, signOut, regenerate, reload, saveMidway

        func run(_ session: Session) async throws {
            switch self {
            case .read: _ = session["n"]
            case .write: session["n", default: 0] += 1
            case .touch: try await session.touch()
            case .rotate: try await session.rotate()
            case .rotateWithGrace: try await session.rotate(grace: .seconds(60))
            case .signIn: try await session.signIn(userID: "alice")
            case .signInAnother: try await session.signIn(userID: "bob")
            case .signOut: try await session.signOut()
            case .regenerate:
                try await session.regenerate()
                session["n"] = 1
            case .reload: try await session.reload()
            case .saveMidway:
                session["n", default: 0] += 1
                try await session.save()
                session["m", default: 0] += 1
            }
        }

        /// Whether it neither replaces nor confirms a token, and ends nothing.
        var isUse: Bool { [.read, .write, .reload, .saveMidway].contains(self) }
        var replacesAToken: Bool { [.rotate, .rotateWithGrace, .signIn, .signInAnother].contains(self) }
        var endsASession: Bool { [.signOut, .regenerate].contains(self) }
    }

    @Test(
        "T1 T2 H2 Whenever the store still accepts a token of the browser, it accepts the one that the browser holds",
        arguments: SessionStoreKind.allCases)
    func property(_ kind: SessionStoreKind) async throws {
        let environment = ProcessInfo.processInfo.environment["SESS_TEST_SEED"].flatMap { UInt64($0) }
        let seed = environment ?? UInt64.random(in: 0..<1_000_000)
        let runs =
            kind == .memory ? TestScale.count(400, full: 50_000) : TestScale.count(60, full: 5_000)
        print("T1 T2 \(kind): \(runs) runs from SESS_TEST_SEED=\(seed)")
        var overtaken = 0
        try await withSessions(kind) { store in
            for run in 0..<runs {
                if try await check(store, seed: seed &+ UInt64(run)) { overtaken += 1 }
            }
        }
        print("T1 T2 \(kind): in \(overtaken) of \(runs) runs a response overtook another")
        // Otherwise the property would be about little.
        #expect(overtaken < runs / 2)
    }

    /// Whether a response overtook another in the run of a seed.
    private func check(_ store: any OwnershipCollection, seed: UInt64) async throws -> Bool {
        var generator = SeededGenerator(seed: seed)
        var options = SessionOptions()
        options.logger.logLevel = .critical
        options.rolling = Int.random(in: 0..<4, using: &generator) == 0
        let isRolling = options.rolling
        var deeds: [[Deed]] = []
        for _ in 0..<Int.random(in: 3...8, using: &generator) {
            deeds.append(
                (0..<Int.random(in: 1...2, using: &generator)).map { _ in
                    Deed.allCases.randomElement(using: &generator) ?? .read
                })
        }
        let history = History()
        let run = try await BrowserRun.run(
            deeds.map { deeds in { session in for deed in deeds { try await deed.run(session) } } },
            width: Int.random(in: 1...4, using: &generator), options: options, store: store, using: &generator
        ) { [deeds] answer, browser, manager in
            for text in answer.fields[values: .setCookie] {
                if text.contains("Max-Age=0;") {
                    let ended = Self.id(in: answer.sent)
                    let isAnothers = ended != Self.id(in: browser.cookie)
                    let hasEnded = try await Self.isGone(ended, store)
                    history.noteExpiry(answer, takesAnothers: isAnothers && hasEnded)
                } else {
                    let cookie = String(text.prefix { $0 != ";" })
                    let isAccepted = try await Self.accepts(cookie, manager)
                    let hasEndedSince =
                        answer.isOlderThanARemoval ? try await Self.isGone(Self.id(in: cookie), store) : false
                    // Whether it was replaced by a write after the response's own.
                    let isReplacedSince =
                        !isAccepted && answer.laterWriters.contains { deeds[$0].contains(where: \.replacesAToken) }
                    history.note(cookie, answer, takesPlace: isAccepted || hasEndedSince || isReplacedSince)
                }
            }
        }
        let comment = Comment(
            rawValue: "SESS_TEST_SEED=\(seed), rolling \(isRolling), \(deeds): \(run.steps.joined(separator: ", "))")
        let said = history.said
        for answer in said {
            let (request, cookie) = (answer.request, answer.cookie)
            #expect(answer.lastWrite != nil, "request \(request) says something without a write of its own; \(comment)")
            // What is stored for the first time is handed out by whatever stores it.
            let isUse = deeds[request].allSatisfy { $0.isUse } && !run.steps.contains("\(request).insert")
            #expect(isRolling || !isUse, "request \(request) has no token to hand out; \(comment)")
            let hasEnded = deeds[request].contains { $0.endsASession }
            #expect(cookie != nil || answer.sent != nil, "request \(request) was sent without a cookie; \(comment)")
            #expect(cookie != nil || hasEnded, "request \(request) ends nothing; \(comment)")
        }
        let isOvertaken = zip(said, said.dropFirst()).contains { ($0.lastWrite ?? 0) > ($1.lastWrite ?? .max) }
        if isOvertaken { return true }
        var accepted: [String] = []
        for cookie in history.kept where try await Self.accepts(cookie, run.manager) { accepted.append(cookie) }
        guard !accepted.isEmpty else { return false }
        let held = run.browser.cookie
        let holdsAccepted = if let held { try await Self.accepts(held, run.manager) } else { false }
        #expect(holdsAccepted, comment)
        return false
    }

    /// Whether a token gives access to a stored session.
    private static func accepts(_ cookie: String, _ manager: SessionManager) async throws -> Bool {
        let fields: HTTPFields = [.cookie: cookie]
        let session = try await manager.begin(
            SessionRequest(headerFields: fields, path: "/", isSecure: false, remoteAddress: nil))
        return !session.isNew && !session.isDetached
    }

    /// What the responses have said of the cookie, in the order in which they came.
    private final class History: Sendable {
        struct Said {
            var request: Int
            var lastWrite: Int?
            /// The cookies that the request was sent with.
            var sent: String?
            /// The token that it hands out; `nil` where the cookie expires.
            var cookie: String?
        }
        private struct State {
            var said: [Said] = []
            /// The tokens of sessions that the browser has not given up.
            var kept: [String] = []
        }
        private let state = Mutex(State())

        var said: [Said] { state.withLock { $0.said } }
        var kept: [String] { state.withLock { $0.kept } }

        func noteExpiry(_ answer: BrowserRun.Answer, takesAnothers: Bool) {
            state.withLock { state in
                state.said.append(Said(request: answer.request, lastWrite: answer.lastWrite, sent: answer.sent))
                if takesAnothers { state.kept = [] }
            }
        }

        /// - Parameter takesPlace: Whether the browser rightly gives up what it has of other sessions.
        func note(_ cookie: String, _ answer: BrowserRun.Answer, takesPlace: Bool) {
            state.withLock { state in
                state.said.append(
                    Said(request: answer.request, lastWrite: answer.lastWrite, sent: answer.sent, cookie: cookie))
                let id = BrowserRunTests.id(in: cookie)
                if takesPlace { state.kept.removeAll { BrowserRunTests.id(in: $0) != id } }
                state.kept.append(cookie)
            }
        }
    }

    /// The id that a token names: its second part.
    private static func id(in cookie: String?) -> Substring? { cookie?.split(separator: ".").dropFirst().first }

    private static func isGone(_ id: Substring?, _ store: any OwnershipCollection) async throws -> Bool {
        guard let id else { return false }
        return try await store.fetch(ModelID(String(id))) == nil
    }
}
