import Modeler
import Sess
import SessTestSupport
import Testing

/// Names and numbers of fields at the edges.
@Suite struct FieldNameTests {
    private static let names = [
        "", "@", "@id", "@ops", "@@", "@@id", "_", "_idx", ":", "a:b", "{a}", "*", "a b", "\0", "\r\n", "\u{FEFF}", "é",
        "e\u{301}",
        "__", "constructor", String(repeating: "n", count: 5_000), "1:x", "\u{1F469}\u{200D}\u{1F4BB}",
    ].filter { !$0.hasPrefix("__") }

    @Test("S6 A field may have any name; names are told apart by their bytes", arguments: StoreKind.allCases)
    func anyName(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            try await client.request { session in
                for (index, name) in Self.names.enumerated() { session[name] = JSONValue(integerLiteral: index) }
            }
            try await client.request { session in
                #expect(session.names.count == Self.names.count)
                for (index, name) in Self.names.enumerated() {
                    #expect(session[name] == JSONValue(integerLiteral: index), "\(index)")
                    session[name] = JSONValue(integerLiteral: index + 100)
                }
            }
            try await client.request { session in
                for (index, name) in Self.names.enumerated() {
                    #expect(session[name] == JSONValue(integerLiteral: index + 100), "\(index)")
                }
                session.unset("é")
                #expect(session["e\u{301}"] != .null)
            }
            try await client.request { session in
                #expect(!session.contains("é"))
                #expect(session.contains("e\u{301}"))
                _ = try await session.update { draft in
                    draft["é"] = 1
                    draft["e\u{301}"] = 2
                }
            }
            try await client.request { session in
                #expect(session["é"] == 1)
                #expect(session["e\u{301}"] == 2)
                for name in Self.names { session.unset(name) }
            }
            #expect(try await client.begin().names.isEmpty)
        }
    }

    @Test("One write changes 1,900 fields that it expects at their revisions", arguments: StoreKind.allCases)
    func manyFields(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let id = ModelID.random()
            let names = (0..<1_900).map { String($0, radix: 36) }
            let one = try EncodedJSON(encoding: 1)
            _ = try await store.sessions.insert(
                NewModel(id: id, fields: names.map { ($0, one) }),
                expiry: Expiry(idle: .seconds(60))
            )
            let writes: [(FieldOperation, Revision)] = [(.set(try EncodedJSON(encoding: 2)), 1), (.remove, 2)]
            for (operation, revision) in writes {
                let expected = names.map { Change.FieldRevision(name: $0, revision: revision) }
                let change = Change(names.map { FieldChange($0, operation) }, expecting: .fields(expected))
                guard case .committed = try await store.sessions.commit(change, to: id) else {
                    Issue.record("not committed")
                    return
                }
            }
            #expect(try await store.sessions.fetch(id)?.fields.isEmpty == true)
        }
    }

    @Test(
        "A value without a JSON form is refused when the session is saved, and nothing of it is stored",
        arguments: StoreKind.allCases
    )
    func unencodable(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            try await client.request { $0["a"] = 1 }
            let session = try await client.begin()
            session["b"] = 1
            session["nan", as: Double.self] = .nan
            session["__token"] = "x"
            let error = await #expect(throws: SessionError.self) { try await client.finish(session) }
            #expect(error?.code == .invalidField)
            #expect(try await client.begin().names == ["a"])
        }
    }
}
