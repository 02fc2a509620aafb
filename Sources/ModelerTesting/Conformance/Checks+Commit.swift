import Modeler

extension CollectionConformance {
    static let commitChecks = [
        ConformanceCheck("commit never creates") { store in
            let models = try await store.make()
            for expecting in [Change.Expectation.nothing, .revision(0), .revision(1), .fields([])] {
                guard case .gone = try await models.commit(.setting(["a": "1"], expecting: expecting), to: id("m"))
                else { throw Violation("commit to an unknown id is not answered with 'gone'") }
            }
            try require(try await models.fetch(id("m")) == nil, "commit has created a model")
        },
        ConformanceCheck("a commit moves the revision by one and writes it beside the fields it sets") { store in
            let models = try await store.make()
            let inserted = try await models.requireInserted(id("m"), ["a": "1", "b": "1", "c": "1"])
            try await store.letTimePass(.milliseconds(20))
            let commit = try await models.requireCommitted(
                Change([.init("a", .set(json("2"))), .init("c", .remove), .init("d", .set(json("2")))]),
                to: id("m")
            )
            try requireEqual(commit.revision, 2, "the revision")
            try requireEqual(commit.created, inserted.created, "created")
            try require(commit.updated > inserted.updated, "updated has not moved")
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.fields.revision(of: "a"), 2, "the revision of a field that was set")
            try requireEqual(model.fields.revision(of: "b"), 1, "the revision of a field that was left alone")
            try requireEqual(model.fields.revision(of: "c"), 0, "the revision of a field that was removed")
            try requireEqual(model.fields.revision(of: "d"), 2, "the revision of a new field")
            try requireEqual(model.fields.count, 3, "the number of fields")
            try requireEqual(model.updated, commit.updated, "updated")
        },
        ConformanceCheck("a commit that expects a revision applies to that one only") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"))
            try await models.requireCommitted(.setting(["a": "2"], expecting: .revision(1)), to: id("m"))
            for stale in [0, 1, 3] {
                let current = try await models.requireConflict(
                    .setting(["a": "9"], expecting: .revision(stale)),
                    to: id("m")
                )
                try requireEqual(current, try await models.requireModel(id("m")), "the model of the conflict")
            }
            try requireEqual(try await models.requireModel(id("m")).text("a"), "2", "the field")
        },
        ConformanceCheck("a commit that expects fields' revisions looks at those alone") { store in
            let models = try await store.make()
            func expecting(_ name: String, _ revision: Revision) -> Change.Expectation {
                .fields([Change.FieldRevision(name: name, revision: revision)])
            }
            try await models.requireInserted(id("m"), ["a": "1", "b": "1"])
            try await models.requireCommitted(.setting(["b": "2"]), to: id("m"))
            try await models.requireCommitted(.setting(["a": "3"], expecting: expecting("a", 1)), to: id("m"))
            try await models.requireConflict(.setting(["a": "9"], expecting: expecting("a", 1)), to: id("m"))
            try await models.requireConflict(.setting(["c": "9"], expecting: expecting("b", 1)), to: id("m"))
            try await models.requireCommitted(.setting(["c": "4"], expecting: expecting("b", 2)), to: id("m"))
            try await models.requireConflict(.setting(["d": "9"], expecting: expecting("c", 0)), to: id("m"))
            try await models.requireCommitted(.setting(["d": "5"], expecting: expecting("d", 0)), to: id("m"))
            try await models.requireConflict(.setting(["d": "9"], expecting: expecting("none", 1)), to: id("m"))
            let both = Change.Expectation.fields([
                Change.FieldRevision(name: "a", revision: 3), Change.FieldRevision(name: "b", revision: 1),
            ])
            try await models.requireConflict(.setting(["a": "9"], expecting: both), to: id("m"))
            try requireEqual(try await models.requireModel(id("m")).revision, 5, "the revision")
        },
        ConformanceCheck("a field that was removed and set again is a new one to those who expect the old") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["a": "1"])
            try await models.requireCommitted(Change([.init("a", .remove)]), to: id("m"))
            let old = Change.Expectation.fields([Change.FieldRevision(name: "a", revision: 1)])
            try await models.requireConflict(.setting(["b": "9"], expecting: old), to: id("m"))
            try await models.requireCommitted(.setting(["a": "1"]), to: id("m"))
            try await models.requireConflict(.setting(["b": "9"], expecting: old), to: id("m"))
        },
        ConformanceCheck("a change without effect is a write, one without operations is none") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["a": "1"])
            let same = try await models.requireCommitted(Change([.init("none", .remove)]), to: id("m"))
            try requireEqual(same.revision, 2, "the revision after a change without effect")
            let empty = try await models.requireCommitted(Change(expecting: .revision(2)), to: id("m"))
            try requireEqual(empty.revision, 2, "the revision after a change without operations")
            try requireEqual(empty.updated, same.updated, "updated after a change without operations")
            try await models.requireConflict(Change(expecting: .revision(1)), to: id("m"))
            try requireEqual(try await models.requireModel(id("m")).fields.revision(of: "a"), 1, "the field's revision")
        },
        ConformanceCheck("a change that names a field twice is refused") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"))
            try await models.requireRefused(.invalidChange, "a doubled name") {
                _ = try await models.commit(Change([.init("a", .remove), .init("a", .set(json("2")))]), to: id("m"))
            }
            try requireEqual(try await models.requireModel(id("m")).revision, 1, "the revision")
        },
    ]
}
