import Modeler

/// What models of a type promise on every store.
extension CollectionConformance {
    private struct Person: Codable, Sendable, Equatable {
        struct Place: Codable, Sendable, Equatable {
            var city: String
            var since: Int?
        }

        var name: String
        var born: Int
        var nick: String?
        var place: Place?
    }

    private struct Name: Codable, Sendable, Equatable {
        var name: String
    }

    static let typedChecks = [
        ConformanceCheck("M1 any Codable is a model: created, loaded, saved, destroyed as itself") { store in
            let people = try await store.make()
            let value = Person(name: "Ada", born: 1815, nick: "é\n\"", place: .init(city: "London", since: 1835))
            var ada = try await people.create(value, id: 7)
            try requireEqual(ada.revision, 1, "the revision of a created value")
            try requireEqual(ada.value, value, "the created value")
            try requireEqual(try await people.load(7, as: Person.self), ada, "the loaded value")
            try requireEqual(try await people.load(7)?["place"]["city"], "London", "a member of the schemaless model")
            ada.value.nick = nil
            ada.value.place?.since = nil
            try await people.save(&ada)
            try requireEqual(ada.revision, 2, "the revision of a saved value")
            try requireEqual(try await people.load(7, as: Person.self), ada, "the saved value")
            try requireEqual(ada.model.fields.revision(of: "name"), 1, "the revision of a member nobody changed")
            try requireEqual(ada.model.fields.revision(of: "nick"), 0, "the revision of a removed member")
            let found = try await people.load([8, 7], as: Person.self)
            try requireEqual(found.map { $0?.value.name }, [nil, "Ada"], "the values")
            try require(try await people.destroy(ada), "destroy does not find the value")
            try require(try await people.load(7, as: Person.self) == nil, "a destroyed value is loaded")
        },
        ConformanceCheck("M2 a value's save leaves fields alone that its type doesn't have") { store in
            let people = try await store.make()
            try await people.create(["name": "Ada", "born": 1815, "other": [1, 2], "__hash": "x"], id: 7)
            var name = try await requireValue(people.load(7, as: Name.self))
            name.value.name = "Ada L."
            try await people.save(&name)
            let model = try await requireValue(people.load(7, raw: true))
            try requireEqual(model["name"], "Ada L.", "the member that was changed")
            try requireEqual(model["born"], 1815, "a field that the type doesn't have")
            try requireEqual(model["other"], [1, 2], "a field that the type doesn't have")
            try requireEqual(model["__hash"], "x", "a save-only field")
            try requireEqual(model.fields.revision(of: "other"), 1, "the revision of a field left alone")
        },
        ConformanceCheck("M4 a stale save of a value is a conflict, and leaves the value as it was") { store in
            let people = try await store.make()
            var first = try await people.create(Name(name: "Ada"))
            var second = first
            first.value.name = "Bob"
            try await people.save(&first)
            second.value.name = "Eve"
            let before = second
            let error = try await requireConflict { try await people.save(&second) }
            try requireEqual(try error.existing?.decode(Name.self), Name(name: "Bob"), "the value of the conflict")
            try requireEqual(second, before, "the stale value")
        },
        ConformanceCheck("M1 what is no object is refused as a model; fields that don't fit a type as a value") {
            store in
            let people = try await store.make()
            try await people.requireRefused(.invalidJSON, "an array as a model") { try await people.create([1, 2]) }
            try await people.create(["name": 5], id: 1)
            try await people.requireRefused(.invalidJSON, "a number as a name") {
                _ = try await people.load(1, as: Name.self)
            }
        },
    ]

    /// A value that must be there.
    private static func requireValue<Value>(
        _ value: Value?,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) throws(Violation) -> Value {
        guard let value else { throw Violation("a model that should be there is not", fileID: fileID, line: line) }
        return value
    }
}
