import Modeler

/// What `create`, `save`, `load` and `destroy` promise on every store.
extension CollectionConformance {
    static let modelChecks = [
        ConformanceCheck("M1 a made model has an id and revision 0 and isn't stored; a created one has revision 1") {
            store in
            let defaults = ModelHooks(create: { model in if model["role"].isNull { model["role"] = "guest" } })
            let people = try await store.make(defaults)
            let made = try await people.make(["name": "Ada"])
            try requireEqual(made.revision, 0, "the revision of a made model")
            try requireEqual(made.id.rawValue.count, 16, "the length of its id")
            try requireEqual(made["role"], "guest", "what the create hook sets")
            try require(try await people.load(made.id) == nil, "a made model is stored")
            let created = try await people.create(["name": "Bob", "role": "admin"])
            try requireEqual(created.revision, 1, "the revision of a created model")
            try requireEqual(created["role"], "admin", "what the create hook leaves")
            try requireEqual(try await people.load(created.id), created, "the created model loaded")
            try require(try await people.make().id != made.id, "two models have one id")
        },
        ConformanceCheck("M2 the model in memory and the loaded one are equal; save-only fields don't leak") { store in
            let people = try await store.make()
            var ada = try await people.create(["name": "Ada", "n": 1, "__hash": "x"])
            try require(ada.fields["__hash"] == nil, "a save-only field is in the created model")
            try requireEqual(try await people.load(ada.id), ada, "the created model loaded")
            try requireEqual(try await people.load(ada.id, raw: true)?["__hash"], "x", "the save-only field, raw")
            ada["n"] = 2
            ada["new"] = [1, 2]
            try await people.save(&ada)
            try requireEqual(try await people.load(ada.id), ada, "the saved model loaded")
            try requireEqual(ada.fields.map(\.revision).sorted(), [1, 2, 2], "the fields' revisions")
            try requireEqual(try await people.load([ada.id], raw: true)[0]?["__hash"], "x", "the save-only field kept")
        },
        ConformanceCheck("M3 creating an id that exists is a conflict that carries the existing model") { store in
            let people = try await store.make()
            let ada = try await people.create(["name": "Ada", "__hash": "x"], id: id("ada"))
            let error = try await requireConflict { try await people.create(["name": "Eve"], id: ada.id) }
            try requireEqual(error.existing, ada, "the model of the conflict")
            try requireEqual(try await people.load(ada.id), ada, "the model afterwards")
        },
        ConformanceCheck("M4 a save moves revision and updated; a removed field stays removed") { store in
            let people = try await store.make()
            var ada = try await people.create(["name": "Ada", "old": true])
            try await store.letTimePass(.milliseconds(20))
            ada.removeField("old")
            try await people.save(&ada)
            try requireEqual(ada.revision, 2, "the revision of a saved model")
            try require(ada.updated > ada.created, "updated has not moved past created")
            try requireEqual(try await people.load(ada.id)?.fields.map(\.name), ["name"], "the fields left")
            try await people.save(&ada)
            try requireEqual(ada.revision, 3, "the revision after a save without changes")
            try requireEqual(ada.fields.revision(of: "name"), 1, "the revision of a field that nobody changed")
            var empty = try await people.create()
            try await people.save(&empty)
            try requireEqual(empty.revision, 2, "the revision of an empty model")
        },
        ConformanceCheck("M4 a stale save is a conflict with the existing model, and changes nothing") { store in
            let people = try await store.make()
            var first = try await people.create(["n": 1])
            var second = first
            first["n"] = 2
            try await people.save(&first)
            second["n"] = 3
            let before = second
            let error = try await requireConflict { try await people.save(&second) }
            try requireEqual(error.existing, first, "the model of the conflict")
            try requireEqual(second, before, "the stale model")
            try requireEqual(try await people.load(first.id), first, "the stored model")
        },
        ConformanceCheck("M4 a save of a destroyed model brings nothing back") { store in
            let people = try await store.make()
            var ada = try await people.create(["n": 1])
            try require(try await people.destroy(ada), "destroy does not find the model")
            let error = try await requireConflict { try await people.save(&ada) }
            try require(error.existing == nil, "the conflict carries a model")
            try require(try await people.load(ada.id) == nil, "a save has brought a model back")
            try require(try await !people.destroy(ada), "destroy finds a model that is gone")
        },
        ConformanceCheck("M9 loading many keeps the order and gives nil for the unknown") { store in
            let people = try await store.make(ModelHooks(load: { $0["seen"] = true }))
            for number in 1...3 { try await people.create(["n": .integer(number)], id: ModelID(number)) }
            let loaded = try await people.load([3, 9, 1, 3])
            try requireEqual(loaded.map { $0?["n"] }, [3, nil, 1, 3], "the models")
            try requireEqual(loaded.map { $0?["seen"] }, [true, nil, true, true], "what the load hook sets")
            let many = try await people.load((0..<300).map { ModelID($0) })
            try requireEqual(many.indices.filter { many[$0] != nil }, [1, 2, 3], "the models found among many")
        },
        ConformanceCheck("M10 integer ids work, and 100 creates at once") { store in
            let people = try await store.make()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { try await people.create(["n": .integer(number)], id: ModelID(number)) }
                }
                try await group.waitForAll()
            }
            let loaded = try await people.load((0..<100).map { ModelID($0) })
            try requireEqual(loaded.map { $0?["n"].int }, Array(0..<100), "the models")
            try requireEqual(loaded.map { $0?.revision }, Array(repeating: 1, count: 100), "their revisions")
        },
    ]

    /// The revision conflict that work must end with.
    static func requireConflict(
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: () async throws -> Void
    ) async throws -> ModelError {
        do {
            try await body()
        } catch let error as ModelError {
            try requireEqual(error.code, .revisionConflict, "the code of a conflict", fileID: fileID, line: line)
            return error
        }
        throw Violation("a revision conflict is not refused", fileID: fileID, line: line)
    }
}
