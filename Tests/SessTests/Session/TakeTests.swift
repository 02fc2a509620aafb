import Modeler
import Testing

@testable import Sess

/// Values that count once, whoever asks for them at the same time.
@Suite("Values that are taken")
struct TakeTests {
    private static func otp(_ store: any ModelCollection) throws -> StoreApp {
        try StoreApp(store) { $0.conflictPolicies = ["refused": .fail] }
    }

    enum CodeKey: SessionKey {
        static let name = "code"
        static let defaultValue = 0
    }

    @Test(
        "C2 Of many requests at once one takes the value, and the others nothing", arguments: SessionStoreKind.allCases)
    func parallel(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try Self.otp(store)
            for round in 0..<10 {
                let client = TestClient()
                try await app.visit(client) { session in
                    try session.set("otp", to: "code \(round)", expiringAfter: .seconds(60))
                    session["kept"] = true
                }
                let taken = try await withThrowingTaskGroup(of: String?.self) { group in
                    for index in 0..<8 {
                        group.addTask {
                            try await app.visit(TestClient(cookie: client.cookie)) { session in
                                session["f\(index)"] = true
                                return try await session.take("otp", as: String.self)
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(taken.compactMap(\.self) == ["code \(round)"])
                let names = try await app.visit(client) { $0.names.sorted() }
                #expect(names == (["kept"] + (0..<8).map { "f\($0)" }).sorted())
            }
        }
    }

    @Test("H2 Two requests that take, in every order of their store calls: one of them gets the value")
    func everyOrder() async throws {
        let interleavings = RequestInterleavings(prepare: { session in
            try session.set("otp", to: "code", expiringAfter: .seconds(60))
        })
        let take: RequestInterleavings.Handler = { session in
            if try await session.take("otp", as: String.self) != nil { try await session.increment("taken") }
        }
        let count = try await interleavings.run([take, take]) { outcome in
            let session = try #require(try await outcome.manager.unauthorizedSession(id: outcome.id))
            #expect(session["taken"] == 1)
            #expect(!session.contains("otp"))
            #expect(outcome.errors.allSatisfy { $0 == nil })
        }
        #expect(count > 10)
    }

    @Test("A value that was set anew since it was read is what is taken", arguments: SessionStoreKind.allCases)
    func renewed(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try Self.otp(store)
            let client = TestClient()
            try await app.visit(client) { try $0.set("otp", to: "old", expiringAfter: .seconds(60)) }
            let late = try await app.begin(client)
            try await app.visit(client) { try $0.set("otp", to: "new", expiringAfter: .seconds(60)) }
            #expect(try await late.take("otp", as: String.self) == "new")
            #expect(try await app.visit(client) { $0.names } == [])
            let record = try #require(try await store.fetch(late.id))
            #expect(record.fields.map(\.name) == ["__token"])
        }
    }

    @Test("What this request has set, and what isn't there, and a typed key's value")
    func own() async throws {
        let app = try TestApp()
        let client = TestClient()
        let fresh = try await app.manager.begin(app.request())
        fresh["otp"] = "x"
        #expect(try await fresh.take("otp", as: String.self) == "x")
        #expect(try await fresh.take("otp", as: String.self) == nil)
        #expect(!fresh.isModified)
        try await app.visit(client) { $0["a"] = 1 }
        try await app.visit(client) { session in
            let none = try await session.take("otp", as: String.self)
            #expect(none == nil)
            #expect(session.revision == 1, "nothing was written")
            session["otp"] = "y"
            #expect(try await session.take("otp", as: String.self) == "y")
            session["a"] = 2
            session.unset("a")
            #expect(try await session.take("a", as: Int.self) == nil)
            session[CodeKey.self] = 7
        }
        try await app.visit(client) { session in
            let codes = [try await session.take(CodeKey.self), try await session.take(CodeKey.self)]
            #expect(codes == [7, nil])
            #expect(session.names == [])
        }
        let refused = await #expect(throws: SessionError.self) {
            try await app.visit(client) { _ = try await $0.take("__token", as: String.self) }
        }
        #expect(refused?.code == .invalidField)
    }

    @Test("A value whose own deadline has passed, and one of another type, are not taken")
    func over() async throws {
        let events = EventLog()
        let app = try TestApp { $0.onEvent = events.append }
        let client = TestClient()
        let id = try await app.visit(client) { session in
            try session.set("otp", to: "x", expiringAfter: .seconds(60))
            session["text"] = "x"
            return session.id
        }
        app.clock.advance(by: .seconds(60))
        try await app.visit(client) { session in
            let (over, text) = (
                try await session.take("otp", as: String.self), try await session.take("text", as: Int.self)
            )
            #expect(over == nil && text == nil)
        }
        #expect(events.all == [.unreadableField(session: id, field: "text")])
    }

    @Test("C2 pop removes what it has read: what was stored since stays, unless a policy says otherwise")
    func pop() async throws {
        let events = EventLog()
        let app = try TestApp {
            $0.conflictPolicies = ["refused": .fail, "last": .lastWriter]
            $0.onEvent = events.append
        }
        let client = TestClient()
        let id = try await app.visit(client) { session in
            for name in ["state", "last", "refused"] { session[name] = "old" }
            return session.id
        }
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        let later = try await app.manager.begin(app.request(cookie: client.cookie))
        for name in ["state", "last"] { #expect(late.pop(name, as: String.self) == "old") }
        #expect(later.pop("refused", as: String.self) == "old")
        try await app.visit(client) { session in
            for name in ["state", "last", "refused"] { session[name] = "new" }
        }
        try await late.save()
        #expect(await ExclusiveTests.code { try await later.save() } == .conflict)
        #expect(try await app.visit(client) { $0.data } == ["state": "new", "refused": "new"])
        #expect(
            events.all == [
                .conflict(session: id, field: "state", policy: "keepFirst"),
                .conflict(session: id, field: "last", policy: "lastWriter"),
                .conflict(session: id, field: "refused", policy: "fail"),
            ])
    }

    @Test("C1 A flash that is left while another is taken is shown by the next page, in whatever order they are saved")
    func flash() async throws {
        for takesFirst in [true, false] {
            let app = try TestApp()
            let client = TestClient()
            try await app.visit(client) { $0.flash("a") }
            let page = try await app.manager.begin(app.request(cookie: client.cookie))
            let form = try await app.manager.begin(app.request(cookie: client.cookie))
            let both = try await app.manager.begin(app.request(cookie: client.cookie))
            #expect(page.takeFlash() == ["a"])
            form.flash("b")
            #expect(both.takeFlash() == ["a"])
            both.flash("c")
            for session in takesFirst ? [page, form, both] : [form, both, page] { try await session.save() }
            #expect(try await app.visit(client) { $0.takeFlash() } == ["b", "c"])
            #expect(try await app.visit(client) { $0.contains("flash.info") } == false)
        }
    }
}
