import Modeler

extension CollectionConformance {
    static let insertionChecks = [
        ConformanceCheck("insert stores at revision 1, every field at revision 1") { store in
            let models = try await store.make()
            let commit = try await models.requireInserted(id("m"), ["a": "1", "__b": #"{"c":[true]}"#])
            try requireEqual(commit.revision, 1, "the revision of an insertion")
            try requireEqual(commit.created, commit.updated, "updated after an insertion")
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.revision, 1, "the revision of a new model")
            try requireEqual(model.created, commit.created, "created of a new model")
            try requireEqual(model.updated, commit.updated, "updated of a new model")
            try requireEqual(model.fields.map(\.revision), [1, 1], "the revisions of a new model's fields")
            try requireEqual(model.text("__b"), #"{"c":[true]}"#, "a save-only field")
        },
        ConformanceCheck("insert never overwrites, and hands back what is there") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["a": "1"])
            try await models.requireCommitted(.setting(["b": "2"]), to: id("m"))
            let second = NewModel(id: id("m"), fields: [("a", json("9"))])
            guard case .exists(let existing) = try await models.insert(second, expiry: .never) else {
                throw Violation("insert of a taken id is not answered with 'exists'")
            }
            try requireEqual(existing, try await models.requireModel(id("m")), "the model that came with 'exists'")
            try requireEqual(existing.revision, 2, "the revision of the model that was there")
            try requireEqual(existing.text("a"), "1", "the field that was there")
        },
        ConformanceCheck("insert refuses a name that occurs twice and limits below a millisecond") { store in
            let models = try await store.make()
            let twice = NewModel(id: id("m"), fields: [("a", json("1")), ("a", json("2"))])
            try await models.requireRefused(.invalidField, "a doubled name") {
                _ = try await models.insert(twice, expiry: .never)
            }
            for limit in [Duration.zero, .seconds(-1), .microseconds(1)] {
                for expiry in [Expiry(idle: limit), Expiry(absolute: limit)] {
                    try await models.requireRefused(.invalidChange, "a limit of \(limit)") {
                        _ = try await models.insert(NewModel(id: id("m"), fields: []), expiry: expiry)
                    }
                }
            }
            try await models.requireGone(id("m"))
        },
        ConformanceCheck("a removed id can be inserted anew, at revision 1") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["old": "1"])
            try await models.requireCommitted(.setting(["old": "2"]), to: id("m"))
            try require(try await models.remove(id("m")), "remove does not say that the model was there")
            try requireEqual(try await models.requireInserted(id("m"), ["new": "1"]).revision, 1, "the revision")
            try requireEqual(try await models.requireModel(id("m")).fields.map(\.name), ["new"], "the fields")
        },
        ConformanceCheck("a model may have no fields") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), [:])
            try requireEqual(try await models.requireModel(id("m")).fields.count, 0, "the number of fields")
            try await models.requireCommitted(Change([.init("a", .set(json("1")))]), to: id("m"))
            try await models.requireCommitted(Change([.init("a", .remove)]), to: id("m"))
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.fields.count, 0, "the number of fields after the last was removed")
            try requireEqual(model.revision, 3, "the revision")
        },
    ]

    static let fetchChecks = [
        ConformanceCheck("M9 fetch of many keeps the order, with nil for the unknown and repeats repeated") { store in
            let models = try await store.make()
            for name in ["x", "y", "z"] { try await models.requireInserted(id(name), ["name": #""\#(name)""#]) }
            let asked = ["z", "none", "x", "z", "y"].map(id)
            let found = try await models.fetch(asked)
            try requireEqual(found.map { $0?.id }, [id("z"), nil, id("x"), id("z"), id("y")], "what came back")
            try requireEqual(found.last??.text("name"), #""y""#, "the field")
            try requireEqual(try await models.fetch([]).count, 0, "the models of no ids")
            try require(try await models.fetch(id("none")) == nil, "an unknown id is found")
        },
        ConformanceCheck("remove says whether the model was there, and nothing works on it afterwards") { store in
            let models = try await store.make()
            try require(try await !models.remove(id("m")), "remove of an unknown id says it was there")
            try await models.requireInserted(id("m"))
            try require(try await models.remove(id("m")), "remove does not say that the model was there")
            try await models.requireGone(id("m"))
        },
        ConformanceCheck("a removal removes only what it expects, and hands back what is there otherwise") { store in
            let models = try await store.make()
            func expecting(_ name: String, _ revision: Revision) -> Change.Expectation {
                .fields([Change.FieldRevision(name: name, revision: revision)])
            }
            try await models.requireInserted(id("m"), ["a": "1", "b": "1"])
            try await models.requireCommitted(.setting(["b": "2"]), to: id("m"))
            for stale in [.revision(1), .revision(3), expecting("b", 1), expecting("a", 0), expecting("none", 1)] {
                guard case .conflict(let current) = try await models.remove(id("m"), expecting: stale) else {
                    throw Violation("a removal that expects \(stale) is not refused")
                }
                try requireEqual(current, try await models.requireModel(id("m")), "the model of the conflict")
            }
            for name in ["whole", "field", "absent"] { try await models.requireInserted(id(name), ["a": "1"]) }
            for (name, holds) in [
                ("m", expecting("a", 1)), ("whole", .revision(1)), ("field", expecting("a", 1)),
                ("absent", expecting("none", 0)),
            ] {
                guard case .removed = try await models.remove(id(name), expecting: holds) else {
                    throw Violation("a removal that expects \(holds) is refused")
                }
                try await models.requireGone(id(name))
            }
        },
        ConformanceCheck("collections of one store don't see each other's models") { store in
            let (first, second) = (try await store.make(), try await store.make())
            try await first.requireInserted(id("m"))
            try await second.requireGone(id("m"))
            _ = try await first.requireModel(id("m"))
        },
    ]
}
