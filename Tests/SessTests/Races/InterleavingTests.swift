import HTTPTypes
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import Sess

@Suite("Two requests in every order of their store calls")
struct InterleavingTests {
    /// What a request does with the session that both have.
    enum Deed: String, Sendable, CaseIterable {
        case read, write, increment, update, remove, touch, rotate, rotateWithGrace, signIn, destroy, regenerate

        var endsTheSession: Bool { self == .destroy || self == .regenerate }

        func run(_ session: Session, mark: String) async throws {
            switch self {
            case .read: _ = session["n"]
            case .write: session[mark] = true
            case .increment: try await session.increment("n")
            case .update: try await session.update { $0["n", default: 0] += 1 }
            case .remove: session.unset("prepared")
            case .touch: try await session.touch()
            case .rotate: try await session.rotate()
            case .rotateWithGrace: try await session.rotate(grace: .seconds(60))
            case .signIn: try await session.signIn(userID: mark)
            case .destroy: try await session.destroy()
            case .regenerate:
                try await session.regenerate()
                session[mark] = true
            }
        }
    }

    @Test(
        "H2 C4 Whatever two requests do, in every order: nothing is lost, nothing comes back, no fork",
        arguments: SessionStoreKind.allCases)
    func allPairs(_ kind: SessionStoreKind) async throws {
        var (orders, pairs) = (0, 0)
        try await UserStore.with(kind) { store in
            for (index, first) in Deed.allCases.enumerated() {
                for second in Deed.allCases[index...] {
                    let interleavings = RequestInterleavings(
                        store: { store.sessions },
                        prepare: { session in
                            session["n"] = 0
                            session["prepared"] = true
                        })
                    pairs += 1
                    orders += try await interleavings.run([
                        { try await first.run($0, mark: "first") },
                        { try await second.run($0, mark: "second") },
                    ]) { try await check($0, [first, second], store.server) }
                }
            }
        }
        print("H2 \(kind): \(orders) orders of \(pairs) pairs of requests")
        #expect(pairs == 66 && orders > 500)
    }

    private func check(
        _ outcome: RequestInterleavings.Outcome, _ deeds: [Deed], _ server: RedisTestServer?
    ) async throws {
        let calls = Comment(rawValue: "\(deeds): \(outcome.calls.joined(separator: ", "))")
        let record = try await outcome.store.fetch(outcome.id)
        let didSucceed = outcome.errors.map { $0 == nil }
        let given: [String] = outcome.responses.flatMap { $0[values: .setCookie] }.filter { !$0.contains("Max-Age=0") }
        var alive = 0
        for text in given {
            let client = TestBrowser(cookie: String(text.prefix(while: { $0 != ";" })))
            if try await outcome.manager.visit(client, { $0.id == outcome.id && !$0.isNew }) { alive += 1 }
        }
        // Who comes with a token that was replaced before or meanwhile ends nothing.
        let hasEnded = deeds.contains(where: \.endsTheSession) && record == nil
        let replaced = deeds.contains(.rotate) || deeds.contains(.signIn)
        if deeds.contains(where: \.endsTheSession), !replaced { #expect(hasEnded, calls) }
        // Who was there before the other's first write ends the session, whatever the other has written.
        for (ender, deed) in deeds.enumerated() where deed.endsTheSession {
            let begun = try #require(outcome.calls.firstIndex(of: "\(ender).fetch"), calls)
            let writes = ["\(1 - ender).commit", "\(1 - ender).remove"]
            let written = outcome.calls.firstIndex { writes.contains($0) } ?? outcome.calls.endIndex
            if begun < written, !replaced { #expect(outcome.calls.contains("\(ender).remove") && hasEnded, calls) }
        }
        if let server {
            // -2 where it is gone, -1 where it would stay for ever.
            #expect(try await server.command("PTTL", "users:sessions:\(outcome.id)").integer != -1, calls)
        }
        guard !hasEnded else {
            #expect(record == nil && alive == 0, calls)
            #expect(try await outcome.manager.visit(TestBrowser(cookie: outcome.client.cookie)) { $0.isNew }, calls)
            return
        }
        let model = try #require(record, calls)
        #expect(model.lifetime?.expires != nil, calls)
        // What was answered as saved is there.
        let counted = zip(deeds, didSucceed).filter { ($0.0 == .increment || $0.0 == .update) && $0.1 }.count
        if !replaced { #expect(model["n"].int == counted, calls) }
        for (deed, mark) in zip(deeds, ["first", "second"]) where deed == .write && !replaced {
            #expect(model[mark] == true, calls)
        }
        if deeds.contains(.remove), !replaced { #expect(model["prepared"] == .null, calls) }
        if replaced {
            // The token that both came with is dead.
            #expect(try await outcome.manager.visit(TestBrowser(cookie: outcome.client.cookie)) { $0.isNew }, calls)
        }
        // No fork: of those who were told of a new token, one at least is in the session.
        if replaced { #expect(alive >= 1, calls) }
    }

    @Test(
        "H2 C2 The same field under every policy, in every order: the policy's outcome",
        arguments: SessionStoreKind.allCases)
    func policies(_ kind: SessionStoreKind) async throws {
        try await UserStore.with(kind) { try await runPolicies($0.sessions) }
    }

    private func runPolicies(_ store: any OwnershipCollection) async throws {
        let either: Set<String> = ["first", "second"]
        let merge = ConflictPolicy.merging(String.self) { _, mine, theirs in "\(theirs ?? "")+\(mine ?? "")" }
        let policies: [(policy: ConflictPolicy, allowed: Set<String>)] = [
            (.lastWriter, either), (.keepFirst, either), (.fail, either),
            (merge, either.union(["first+second", "second+first"])),
        ]
        for (policy, allowed) in policies {
            var options = SessionOptions()
            options.conflictPolicies = ["field": policy]
            let seen = Seen()
            try await RequestInterleavings(options: options, store: { store }).run(
                [{ $0["field"] = "first" }, { $0["field"] = "second" }],
                check: { outcome in
                    let stored = try await outcome.store.fetch(outcome.id)
                    let value = try #require(stored?["field"].string)
                    #expect(allowed.contains(value))
                    let last = try #require(outcome.calls.last)
                    let isRace = Set(outcome.calls.prefix(2)) == ["0.fetch", "1.fetch"]
                    let firstWriter = outcome.calls.first { $0.hasSuffix("commit") }
                    seen.note(value, isRace: isRace)
                    switch policy {
                    case .lastWriter: #expect(value == (last.hasPrefix("0") ? "first" : "second"))
                    case .keepFirst where isRace:
                        #expect(value == (firstWriter == "0.commit" ? "first" : "second"))
                    case .fail:
                        #expect(outcome.errors.contains { $0 != nil } == isRace)
                        // The one that failed has written nothing.
                        if outcome.errors[0] != nil { #expect(value == "second") }
                        if outcome.errors[1] != nil { #expect(value == "first") }
                    default: break
                    }
                }
            )
            #expect(seen.values.count >= 2 && seen.races > 0)
        }
    }

    @Test("The driver runs every order once, and names the one that a check is against")
    func driver() async throws {
        let orders = Seen()
        let count = try await RequestInterleavings().run([
            { $0["a"] = 1 }, { $0["b"] = 2 }, { _ = $0["a"] },
        ]) { orders.note($0.calls.joined(separator: " "), isRace: false) }
        // Two calls, two calls and one: 5! / (2! 2! 1!).
        #expect(count == 30)
        #expect(orders.values.count == 30)
        struct Found: Error {}
        let failure = await #expect(throws: RequestInterleavings.Failure.self) {
            try await RequestInterleavings().run([{ $0["a"] = 1 }, { try await $0.destroy() }]) { outcome in
                if outcome.calls == ["1.fetch", "0.fetch", "1.remove", "0.commit"] { throw Found() }
            }
        }
        #expect(failure?.calls.count == 4)
    }

    /// What was seen over many runs.
    private final class Seen: Sendable {
        private let state = Mutex<(values: Set<String>, races: Int)>(([], 0))

        var values: Set<String> { state.withLock { $0.values } }
        var races: Int { state.withLock { $0.races } }

        func note(_ value: String, isRace: Bool) {
            state.withLock { state in
                state.values.insert(value)
                if isRace { state.races += 1 }
            }
        }
    }
}
