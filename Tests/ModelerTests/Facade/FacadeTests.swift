import Modeler
import ModelerTesting
import Testing

@Suite("create, save, load and destroy")
struct FacadeTests {
    let clock = ManualClock()

    func people(_ hooks: ModelHooks = ModelHooks()) -> MemoryCollection {
        MemoryCollection(name: "people", hooks: hooks, now: { [clock] in clock.now })
    }

    struct Refusal: Error {}

    @Test("M1 A made model has an id and revision 0, a created one revision 1; the hook gives defaults")
    func makeAndCreate() async throws {
        let people = people(ModelHooks(create: { model in if model["role"].isNull { model["role"] = "guest" } }))
        let made = try await people.make(["name": "Ada"])
        #expect(made.revision == 0 && made.id.rawValue.count == 16 && made["role"] == "guest")
        #expect(try await people.load(made.id) == nil)
        let created = try await people.create(["name": "Bob", "role": "admin"])
        #expect(created.revision == 1 && created["role"] == "admin" && created["name"] == "Bob")
        #expect(try await people.load(created.id)?.revision == 1)
    }

    @Test("M2 The model in memory and the loaded one are equal; save-only fields don't leak")
    func equality() async throws {
        let people = people()
        var ada = try await people.create(["name": "Ada", "n": 1, "__hash": "x"])
        #expect(ada.fields["__hash"] == nil)
        #expect(try await people.load(ada.id) == ada)
        #expect(try await people.load(ada.id, raw: true)?["__hash"] == "x")
        ada["n"] = 2
        ada["new"] = [1, 2]
        try await people.save(&ada)
        #expect(try await people.load(ada.id) == ada)
        #expect(try await people.load([ada.id], raw: true)[0]?["__hash"] == "x")
        #expect(ada.fields.revision(of: "name") == 1 && ada.fields.revision(of: "n") == 2)
    }

    @Test("M3 Creating an id that exists is a conflict that carries the existing model")
    func existing() async throws {
        let people = people()
        let ada = try await people.create(["name": "Ada", "__hash": "x"], id: ModelID("ada"))
        let error = await #expect(throws: ModelError.self) { try await people.create(["name": "Eve"], id: ada.id) }
        #expect(error?.code == .revisionConflict && error?.existing == ada)
        #expect(try await people.load(ada.id) == ada)
    }

    @Test("M4 A save bumps the revision and moves updated; a removed field stays removed")
    func save() async throws {
        let people = people()
        var ada = try await people.create(["name": "Ada", "old": true])
        clock.advance(by: .seconds(1))
        ada.removeField("old")
        try await people.save(&ada)
        #expect(ada.revision == 2 && ada.updated > ada.created)
        #expect(try await people.load(ada.id)?.fields.map(\.name) == ["name"])
        try await people.save(&ada)
        #expect(ada.revision == 3 && ada.fields.revision(of: "name") == 1)
        var empty = try await people.create()
        try await people.save(&empty)
        #expect(empty.revision == 2 && empty.fields.isEmpty)
    }

    @Test("M4 A stale save is a conflict and changes nothing")
    func staleSave() async throws {
        let people = people()
        var first = try await people.create(["n": 1])
        var second = first
        first["n"] = 2
        try await people.save(&first)
        second["n"] = 3
        let before = second
        let error = await #expect(throws: ModelError.self) { try await people.save(&second) }
        #expect(error?.code == .revisionConflict && error?.existing == first)
        #expect(second == before && second.revision == 1)
        #expect(try await people.load(first.id) == first)
    }

    @Test("M4 A save of a model that was destroyed brings nothing back")
    func saveAfterDestroy() async throws {
        let people = people()
        var ada = try await people.create(["n": 1])
        #expect(try await people.destroy(ada))
        let error = await #expect(throws: ModelError.self) { try await people.save(&ada) }
        #expect(error?.code == .revisionConflict && error?.existing == nil && ada.revision == 1)
        #expect(try await people.load(ada.id) == nil)
    }

    @Test("M5 An error of the save hook aborts the write, in memory and in the store")
    func saveHookThrows() async throws {
        let people = people(
            ModelHooks(save: { model, _ in
                model["touched"] = true
                if model["bad"] == true { throw Refusal() }
            })
        )
        var bad = try await people.make(["bad": true])
        await #expect(throws: Refusal.self) { try await people.save(&bad) }
        #expect(bad.revision == 0 && bad["touched"].isNull)
        #expect(try await people.load(bad.id) == nil)
        var good = try await people.create(["n": 1])
        let before = good
        good["bad"] = true
        await #expect(throws: Refusal.self) { try await people.save(&good) }
        #expect(good.revision == 1)
        #expect(try await people.load(good.id) == before)
    }

    @Test("M6 The save hook transforms, the load hook transforms back; the old version is one revision less")
    func transforms() async throws {
        let revisions = Guarded<[[Int?]]>([])
        let people = people(
            ModelHooks(
                save: { model, old in
                    revisions.withLock { $0.append([old?.revision, model.revision]) }
                    model["name"] = .string((model["name"].string ?? "").uppercased())
                },
                load: { model in model["name"] = .string((model["name"].string ?? "").lowercased()) }
            )
        )
        var ada = try await people.create(["name": "ada"])
        ada["n"] = 1
        try await people.save(&ada)
        #expect(revisions.withLock { $0 } == [[nil, 1], [1, 2]])
        #expect(ada["name"] == "ada")
        #expect(try await people.fetch(ada.id)?["name"] == "ADA")
        #expect(try await people.load(ada.id)?["name"] == "ada")
    }

    @Test("M7 afterSave, destroy and afterDestroy run with the model, for their own collection only")
    func hooks() async throws {
        let calls = Guarded<[String]>([])
        func note(_ text: String) -> @Sendable (Model) async throws -> Void {
            { model in calls.withLock { $0.append("\(text) \(model["name"].string ?? "-") \(model.revision)") } }
        }
        let people = people(
            ModelHooks(
                afterSave: note("afterSave"),
                destroy: note("destroy"),
                afterDestroy: note("afterDestroy")
            )
        )
        let others = self.people()
        let ada = try await people.create(["name": "Ada"])
        try await others.destroy(try await others.create(["name": "Bob"]))
        #expect(try await people.destroy(ada.id))
        #expect(try await !people.destroy(ada.id))
        #expect(calls.withLock { $0 } == ["afterSave Ada 1", "destroy Ada 1", "afterDestroy Ada 1"])
    }

    @Test("M7 An error of the destroy hook leaves the model")
    func destroyHookThrows() async throws {
        let people = people(ModelHooks(destroy: { _ in throw Refusal() }))
        let ada = try await people.create()
        await #expect(throws: Refusal.self) { try await people.destroy(ada) }
        #expect(try await people.load(ada.id) != nil)
    }

    @Test("M9 Loading many keeps the order, with nil for the unknown; load hooks run")
    func loadMany() async throws {
        let people = people(ModelHooks(load: { $0["seen"] = true }))
        for number in 1...3 { try await people.create(["n": .integer(number)], id: ModelID(number)) }
        let loaded = try await people.load([3, 9, 1].map { ModelID($0) })
        #expect(loaded.map { $0?["n"] } == [3, nil, 1])
        #expect(loaded[0]?["seen"] == true && loaded[1] == nil)
    }

    @Test("M10 Integer ids work, and 100 creates at once")
    func parallelCreates() async throws {
        let people = people()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { _ = try await people.create(["n": .integer(number)], id: ModelID(number)) }
            }
            try await group.waitForAll()
        }
        #expect(try await people.load((0..<100).map { ModelID($0) }).map { $0?["n"].int } == Array(0..<100))
    }

    struct Person: Codable, Equatable {
        var name: String
        var born: Int
    }

    @Test("Any Codable value is a model; fields are typed values")
    func typed() async throws {
        let people = people()
        let ada = Person(name: "Ada", born: 1815)
        var model = try await people.create(encoding: ada)
        #expect(try await people.load(model.id)?.decode(Person.self) == ada)
        #expect(try model.value("born", as: Int.self) == 1815)
        #expect(try model.value("none", as: Int.self) == nil)
        #expect(throws: ModelError.self) { try model.value("name", as: Int.self) }
        try model.set("friend", to: Person(name: "Charles", born: 1791))
        #expect(model["friend"]["born"] == 1791)
        #expect(throws: ModelError.self) { try model.set("friend", to: Double.nan) }
        await #expect(throws: ModelError.self) { try await people.create(encoding: [1, 2]) }
        try await people.save(&model, expiry: Expiry(idle: .seconds(5)))
        clock.advance(by: .seconds(6))
        #expect(try await people.load(model.id) == nil)
    }
}
