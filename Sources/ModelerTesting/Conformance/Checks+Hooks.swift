import Modeler

/// What the hooks of a collection promise on every store.
extension CollectionConformance {
    private struct Refusal: Error {}

    static let hookChecks = [
        ConformanceCheck("M5 an error of the save hook aborts the write, in memory and in the store") { store in
            let people = try await store.make(
                ModelHooks(save: { model, _ in
                    model["touched"] = true
                    if model["bad"] == true { throw Refusal() }
                })
            )
            var bad = try await people.make(["bad": true])
            try await requireRefusal { try await people.save(&bad) }
            try requireEqual(bad.revision, 0, "the revision of a refused model")
            try require(bad.fields["touched"] == nil, "the hook's change is in a refused model")
            try require(try await people.load(bad.id) == nil, "a refused model is stored")
            var good = try await people.create(["n": 1])
            let before = good
            good["bad"] = true
            try await requireRefusal { try await people.save(&good) }
            try requireEqual(good.revision, 1, "the revision of a refused save")
            try requireEqual(try await people.load(good.id), before, "the stored model")
        },
        ConformanceCheck("M6 the save hook transforms, the load hook transforms back; the old one is a revision less") {
            store in
            let revisions = Guarded<[[Int?]]>([])
            let people = try await store.make(
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
            try requireEqual(revisions.withLock { $0 }, [[nil, 1], [1, 2]], "the revisions that the hook saw")
            try requireEqual(ada["name"], "ada", "the name in memory")
            try requireEqual(try await people.fetch(ada.id)?["name"], "ADA", "the name in the store")
            try requireEqual(try await people.load(ada.id)?["name"], "ada", "the name loaded")
        },
        ConformanceCheck("M6 the save hook sees the stored save-only fields, and may set more") { store in
            let seen = Guarded<[JSONValue]>([])
            let people = try await store.make(
                ModelHooks(save: { model, old in
                    seen.withLock { $0.append(old?["__count"] ?? .null) }
                    model["__count"] = .integer((old?["__count"].int ?? 0) + 1)
                })
            )
            var ada = try await people.create(["name": "Ada"])
            try await people.save(&ada)
            try await people.save(&ada)
            try requireEqual(seen.withLock { $0 }, [.null, 1, 2], "the save-only field in the old version")
            try requireEqual(ada.fields.map(\.name), ["name"], "the fields in memory")
            try requireEqual(try await people.load(ada.id, raw: true)?["__count"], 3, "the save-only field")
        },
        ConformanceCheck("M7 afterSave, destroy and afterDestroy run with the model, for their own collection only") {
            store in
            let calls = Guarded<[String]>([])
            func note(_ text: String) -> @Sendable (Model) async throws -> Void {
                { model in calls.withLock { $0.append("\(text) \(model["name"].string ?? "-") \(model.revision)") } }
            }
            let people = try await store.make(
                ModelHooks(
                    afterSave: note("afterSave"),
                    destroy: note("destroy"),
                    afterDestroy: note("afterDestroy")
                )
            )
            let others = try await store.make()
            let ada = try await people.create(["name": "Ada"])
            try await others.destroy(try await others.create(["name": "Bob"]))
            try require(try await people.destroy(ada.id), "destroy does not find the model")
            try require(try await !people.destroy(ada.id), "destroy finds a model that is gone")
            let expected = ["afterSave Ada 1", "destroy Ada 1", "afterDestroy Ada 1"]
            try requireEqual(calls.withLock { $0 }, expected, "the calls of the hooks")
        },
        ConformanceCheck("M7 an error of the destroy hook leaves the model") { store in
            let people = try await store.make(ModelHooks(destroy: { _ in throw Refusal() }))
            let ada = try await people.create(["name": "Ada"])
            try await requireRefusal { try await people.destroy(ada) }
            try requireEqual(try await people.load(ada.id), ada, "the model")
        },
    ]

    /// Checks that the hook's own error reaches the caller.
    private static func requireRefusal(
        fileID: StaticString = #fileID,
        line: UInt = #line,
        _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch is Refusal {
            return
        }
        throw Violation("a hook's error is swallowed", fileID: fileID, line: line)
    }
}
