import Modeler
import ModelerTesting
import Testing

@testable import Sess

@Suite("Sessions sealed at rest")
struct SealedCollectionTests {
    private func ring(_ names: String...) throws -> KeyRing {
        try KeyRing(names.map { .init(name: $0, bytes: Array(repeating: UInt8($0.utf8.reduce(0, &+)), count: 32)) })
    }

    @Test("A sealed collection keeps the contract of every collection", arguments: CollectionConformance.checks)
    func conforms(check: ConformanceCheck) async throws {
        let plain = CollectionUnderTest.memory()
        let keys = try ring("a")
        let sealed = CollectionUnderTest(
            isClockManual: plain.isClockManual,
            timeUnit: plain.timeUnit,
            // A sealed value is a third larger, and what the store accepts is not.
            largestValue: plain.largestValue / 2,
            make: { SealedCollection(try await plain.make($0), keys: keys) },
            letTimePass: plain.letTimePass
        )
        // The store can't recognize the repetition of what it was not asked to do itself.
        if check.name.contains("repeated") { return }
        try await check.run(on: sealed)
    }

    @Test("The store sees no value, and no two seals of one value are alike")
    func storeSeesNothing() async throws {
        let base = MemoryCollection()
        let sealed = SealedCollection(base, keys: try ring("k1"))
        let value = try EncodedJSON(encoding: "the secret value")
        let fields = [(name: "a", value: value), (name: "b", value: value), (name: "__c", value: value)]
        _ = try await sealed.insert(NewModel(id: ModelID(1), fields: fields), expiry: .never)
        let stored = try #require(try await base.fetch(ModelID(1)))
        for field in stored.fields {
            let text = try field.value.decode(String.self)
            #expect(text.hasPrefix("v1.k1."))
            #expect(!text.contains("secret"))
        }
        #expect(Set(stored.fields.map(\.value)).count == 3)
        #expect(try await sealed.fetch(ModelID(1))?.fields.map(\.value) == [value, value, value])
    }

    @Test("A value that was changed, moved to another field or to another record does not open")
    func bound() async throws {
        let base = MemoryCollection()
        let sealed = SealedCollection(base, keys: try ring("k1"))
        let fields = [(name: "role", value: try EncodedJSON(encoding: "user"))]
        for id in [1, 2] {
            _ = try await sealed.insert(NewModel(id: ModelID(id), fields: fields), expiry: .never)
        }
        let value = try #require(try await base.fetch(ModelID(1))?.fields["role"]?.value)
        var flipped = Array(value.bytes)
        flipped[flipped.count - 10] ^= 1
        let attempts: [(Int, String, EncodedJSON)] = [
            (2, "role", value), (1, "other", value), (1, "role", EncodedJSON(unchecked: flipped[...])),
            (1, "role", try EncodedJSON(encoding: "admin")), (1, "role", try EncodedJSON(encoding: 5)),
        ]
        for (id, name, forged) in attempts {
            _ = try await base.commit(Change([.init(name, .set(forged))]), to: ModelID(id))
            let error = await #expect(throws: ModelError.self) { try await sealed.fetch(ModelID(id)) }
            #expect(error?.code == .unreadable)
            _ = try await base.commit(Change([.init("other", .remove)]), to: ModelID(id))
            _ = try await sealed.commit(Change([.init("role", .set(fields[0].value))]), to: ModelID(id))
        }
    }

    @Test("E9 The first key seals and all open; a key off the ring opens nothing; a bad ring is refused")
    func rotation() async throws {
        let base = MemoryCollection()
        let value = try EncodedJSON(encoding: 1)
        let old = SealedCollection(base, keys: try ring("old"))
        _ = try await old.insert(NewModel(id: ModelID(1), fields: [("a", value)]), expiry: .never)
        let both = SealedCollection(base, keys: try ring("new", "old"))
        #expect(try await both.fetch(ModelID(1))?.fields["a"]?.value == value)
        _ = try await both.commit(Change([.init("a", .set(value))]), to: ModelID(1))
        let error = await #expect(throws: ModelError.self) { try await old.fetch(ModelID(1)) }
        #expect(error?.code == .unreadableHere)
        for keys in [
            [], [.init(name: "a", bytes: [1, 2, 3])], [.init(name: "", bytes: Array(repeating: 1, count: 32))],
            [.init(name: "a.b", bytes: Array(repeating: 1, count: 32))],
        ] as [[KeyRing.Key]] {
            #expect(throws: SessionError.self) { try KeyRing(keys) }
        }
        #expect(throws: SessionError.self) { try ring("a", "a") }
        #expect(throws: SessionError.self) { try KeyRing.Key(name: "a", base64: "no base64") }
        #expect(try KeyRing.Key(name: "a", base64: "AQID").bytes == [1, 2, 3])
        let random = KeyRing.Key.random(name: "a")
        #expect(random.bytes.count == 32 && random.bytes != KeyRing.Key.random(name: "a").bytes)
        #expect("\(random)" == "key a" && !"\(Mirror(reflecting: random).children.map(\.value))".contains(","))
    }

    @Test("Keys are added last everywhere and then moved to the front: at no step a server meets what it can't read")
    func change() async throws {
        let base = MemoryCollection()
        let value = try EncodedJSON(encoding: 1)
        _ = try await SealedCollection(base, keys: try ring("old"))
            .insert(NewModel(id: ModelID(1), fields: [("a", value)]), expiry: .never)
        let steps = [try ring("old"), try ring("old", "new"), try ring("new", "old")]
        for (before, after) in zip(steps, steps.dropFirst()) {
            for (writer, reader) in [(before, after), (after, before)] {
                let change = Change([.init("a", .set(value))])
                _ = try await SealedCollection(base, keys: writer).commit(change, to: ModelID(1))
                #expect(try await SealedCollection(base, keys: reader).fetch(ModelID(1))?.fields["a"]?.value == value)
            }
        }
    }

    @Test("A manager with keys stores nothing in clear; a session whose key is gone is a fresh one with an event")
    func manager() async throws {
        let events = EventLog()
        let keys = try ring("k1")
        let app = try TestApp {
            $0.store.encryptionKeys = keys
            $0.onEvent = events.append
        }
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["name"] = "alice"
            return session.id
        }
        #expect(try await app.visit(client) { try await $0.increment("n") } == 1)
        #expect(try await app.visit(client) { $0.data } == ["name": "alice", "n": 1])
        let stored = try #require(try await app.sessions.fetch(id))
        #expect(stored.fields.allSatisfy { !String(decoding: $0.value.bytes, as: UTF8.self).contains("alice") })
        var options = SessionOptions()
        options.store.encryptionKeys = try ring("k2")
        options.onEvent = events.append
        let other = try SessionManager(sessions: app.sessions, options: options)
        #expect(try await other.begin(app.request(cookie: client.cookie)).isNew)
        #expect(events.all == [.unreadableSession(session: id)])
    }
}
