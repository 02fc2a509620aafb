import Modeler
import ModelerTesting
import Testing

@Suite("Models as they are made, saved and read; the contract's checks run on each store")
struct FacadeTests {
    let clock = ManualClock()

    func people(_ hooks: ModelHooks = ModelHooks()) -> MemoryCollection {
        MemoryCollection(name: "people", hooks: hooks, now: { [clock] in clock.now })
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

    @Test("What has no JSON form becomes null by itself, as in JavaScript; the values around it stay")
    func invalidNumbers() async throws {
        var model = try await people().create(["name": "Ada"])
        model["scores"] = ["games": 9, "mean": .double(.nan), "all": [1, .double(.infinity), .number("x"), 2.5]]
        #expect(model["scores"] == ["games": 9, "mean": nil, "all": [1, nil, nil, 2.5]])
        model["deep"] = ["kept": 1, "deep": (0..<128).reduce(JSONValue.array([])) { value, _ in [value] }]
        #expect(model["deep"]["kept"] == 1 && model["deep"]["deep"].array?.count == 1)
    }

    @Test("M4 A hook that fails after the write leaves the typed model as it was written")
    func afterSaveThrows() async throws {
        struct Refusal: Error {}
        struct Name: Codable, Sendable { var name: String }
        let people = people(ModelHooks(afterSave: { if $0.revision > 1 { throw Refusal() } }))
        var ada = try await people.create(Name(name: "Ada"))
        ada.value.name = "Ada L."
        await #expect(throws: Refusal.self) { try await people.save(&ada) }
        #expect(ada.revision == 2 && ada.value.name == "Ada L.")
        #expect(try await people.load(ada.id) == ada.model)
    }

    @Test("M1 A literal of members makes a schemaless model, a value a typed one")
    func overloads() async throws {
        let people = people()
        let schemaless = try await people.create(["name": "Ada", "born": 1815], id: 1)
        let sameTypes = try await people.create(["name": "Ada", "nick": "A"], id: 2)
        let models: [Model] = [schemaless, sameTypes]
        #expect(models.map(\.id) == [1, 2])
        let dictionary: [String: String] = ["name": "Ada"]
        let typed: TypedModel<[String: String]> = try await people.create(dictionary)
        #expect(typed.value == dictionary)
    }
}

extension FacadeTests {
    @Test("M4 A model can be saved by value, and is given back as it is then")
    func saveByValue() async throws {
        let people = people()
        var ada = try await people.create(["name": "Ada"])
        ada["born"] = 1815
        let saved = try await people.save(ada)
        #expect(saved.revision == 2 && ada.revision == 1)
        #expect(try await people.load(ada.id) == saved)
        await #expect(throws: ModelError.self) { _ = try await people.save(ada) }
        var typed = try #require(try await people.load(ada.id, as: Person.self))
        typed.value.born = 1816
        #expect(try await people.save(typed).revision == 3)
    }
}
