import HTTPTypes
import Modeler
import Testing

@testable import Sess

@Suite("Signed tokens")
struct SigningTests {
    private static let first = "the first key of this test"
    private static let second = "the second key of this test"

    private func app(
        _ store: any ModelCollection,
        _ keys: [String],
        _ configure: (inout SessionOptions) throws -> Void = { _ in }
    ) throws -> StoreApp {
        try StoreApp(store) {
            $0.tokens.signingKeys = try SigningKeys(keys)
            try configure(&$0)
        }
    }

    @Test(
        "E9 The first key signs and all verify: sessions live through a change of keys",
        arguments: SessionStoreKind.allCases)
    func keyChange(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let client = TestClient()
            try await app(store, [Self.first]).visit(client) { $0["a"] = 1 }
            let old = try #require(client.cookie)
            let both = try app(store, [Self.second, Self.first])
            #expect(try await both.visit(client) { $0["a"] } == 1)
            try await both.visit(client) { try await $0.rotate() }
            #expect(client.cookie != old)
            let new = try app(store, [Self.second])
            #expect(try await new.visit(client) { $0["a"] } == 1)
            #expect(try await app(store, [Self.first]).visit(TestClient(cookie: client.cookie)) { $0.isNew })
        }
    }

    @Test("E9 Keys may be texts or bytes; a key of either kind verifies what the other has signed")
    func bytes() async throws {
        let store = MemoryCollection(name: "sessions")
        let client = TestClient()
        try await app(store, [Self.first]).visit(client) { $0["a"] = 1 }
        let bytes = try StoreApp(store) { $0.tokens.signingKeys = try SigningKeys(bytes: [Array(Self.first.utf8)]) }
        #expect(try await bytes.visit(client) { $0["a"] } == 1)
    }

    @Test("E9 An empty list, a short key and one that occurs twice are refused; no key is ever shown")
    func configuration() throws {
        for wrong in [[], [""], ["fifteen bytes.."], [Self.first, "short"], [Self.first, Self.first]] {
            let error = #expect(throws: SessionError.self) { try SigningKeys(wrong) }
            #expect(error?.code == .invalidConfiguration)
            for key in wrong where !key.isEmpty { #expect(error?.description.contains(key) == false) }
        }
        #expect(throws: SessionError.self) { try SigningKeys(bytes: []) }
        let keys = try SigningKeys([Self.first])
        #expect("\(keys) \(String(reflecting: keys))".contains(Self.first) == false)
        var text = ""
        dump(keys, to: &text)
        #expect(!text.contains(Self.first))
    }

    @Test("E9 E2 A forged, altered or unsigned token never reaches the store", arguments: SessionStoreKind.allCases)
    func forged(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let log = Slot()
            let interposed = InterposedCollection(store)
            log.set(interposed)
            let app = try app(interposed, [Self.first])
            let client = TestClient()
            try await app.visit(client) { $0["a"] = 1 }
            let cookie = try #require(client.cookie)
            let value = String(cookie.dropFirst("sess=".count))
            _ = log.take()
            let unsigned = SessionToken().text
            let elsewhere = try SigningKeys([Self.second]).signed(unsigned, for: "sess")
            let otherName = try SigningKeys([Self.first]).signed(unsigned, for: "other")
            var forged = [
                unsigned, otherName, "", ".", value + ".", value + "A", "." + value,
                String(value.dropLast()), String(value.dropLast(44)), String(repeating: "A", count: 7000),
            ]
            // The key's name is what follows the token: another one may be of a key that another server has.
            let keyName = value.index(value.startIndex, offsetBy: SessionToken.length + 1)
            let code = value.index(keyName, offsetBy: 4)
            for index in value.indices where value[index] != "A" && !(keyName..<code).contains(index) {
                forged.append(String(value[..<index]) + "A" + String(value[value.index(after: index)...]))
            }
            #expect(forged.count > 100)
            for text in forged {
                #expect(try await app.visit(TestClient(cookie: "sess=\(text)")) { $0.isNew }, "\(text)")
            }
            #expect(log.take() == [])
            #expect(try await app.visit(client) { $0["a"] } == 1)
            #expect(log.take() == [.fetch])
            // Of a key that isn't on the list: nobody's session is nobody's, somebody's is another server's.
            #expect(try await app.visit(TestClient(cookie: "sess=\(elsewhere)")) { $0.isNew && !$0.isDetached })
            #expect(log.take() == [.fetch])
            let unknown = String(value[..<keyName]) + "0000" + value[code...]
            #expect(try await app.visit(TestClient(cookie: "sess=\(unknown)")) { $0.isNew && $0.isDetached })
            #expect(log.take() == [.fetch])
        }
    }

    @Test("E9 Bearer tokens and those in a header are signed too")
    func transports() async throws {
        let name = try #require(HTTPField.Name("X-Session"))
        let store = MemoryCollection(name: "sessions")
        let app = try app(store, [Self.first]) { $0.tokens.transports = [.bearer, .header(name)] }
        let session = try await app.manager.begin(app.request())
        session["a"] = 1
        try await session.save()
        let token = try #require(session.revealToken())
        for (field, value) in [(HTTPField.Name.authorization, "Bearer \(token)"), (name, token)] {
            var request = app.request()
            request.headerFields[field] = value
            #expect(try await app.manager.begin(request)["a"] == 1)
            request.headerFields[field] = String(value.dropLast(44))
            #expect(try await app.manager.begin(request).isNew)
        }
        var request = app.request()
        request.headerFields[name] = token
        let rotating = try await app.manager.begin(request)
        try await rotating.rotate()
        var fields = HTTPFields()
        try await app.manager.finish(rotating, headerFields: &fields)
        let renewed: String = try #require(fields[name])
        request.headerFields[name] = renewed
        #expect(try await app.manager.begin(request)["a"] == 1)
    }
}
