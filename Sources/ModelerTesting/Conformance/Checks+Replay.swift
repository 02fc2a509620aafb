import Modeler

extension CollectionConformance {
    static let replayChecks = [
        ConformanceCheck("a repeated insertion is answered as applied, once") { store in
            let models = try await store.make()
            let model = NewModel(id: id("m"), fields: [("n", json("1"))])
            for _ in 0..<3 {
                guard case .inserted(let commit) = try await models.insert(model, expiry: .never) else {
                    throw Violation("the repetition of an insertion is answered with 'exists'")
                }
                try requireEqual(commit.revision, 1, "the revision")
            }
            try await models.requireCommitted(Change([("n", .increment(by: 1))]), to: id("m"))
            guard case .inserted(let late) = try await models.insert(model, expiry: .never) else {
                throw Violation("the repetition of an insertion after another write is answered with 'exists'")
            }
            try requireEqual(late.revision, 1, "the revision of the repeated insertion")
            try requireEqual(try await models.requireModel(id("m")).text("n"), "2", "the field")
        },
        ConformanceCheck("a repeated change is applied once, also after other writes") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            let change = Change([("n", .increment(by: 1))], expecting: .revision(1), base: 1)
            for _ in 0..<3 {
                let commit = try await models.requireCommitted(change, to: id("m"))
                try requireEqual(commit.revision, 2, "the revision")
                try requireEqual(commit.values.map(\.value), [json("1")], "the value made")
            }
            for _ in 0..<30 {
                try await models.requireCommitted(Change([("n", .increment(by: 1))]), to: id("m"))
            }
            let late = try await models.requireCommitted(change, to: id("m"))
            try requireEqual(late.revision, 2, "the revision of the repeated change")
            try requireEqual(late.values.map(\.value), [json("31")], "the value of now")
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.text("n"), "31", "the counter")
            try requireEqual(model.revision, 32, "the revision")
        },
        ConformanceCheck("a change that was refused or in conflict is not remembered as applied") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            let operation = OperationID()
            try await models.requireConflict(
                .setting(["a": "1"], expecting: .revision(7), operation: operation),
                to: id("m")
            )
            try await models.requireRefused(.invalidChange, "an append to an integer") {
                let change = Change([("n", .append(json("1"), maximum: 3))], operation: operation)
                _ = try await models.commit(change, to: id("m"))
            }
            let commit = try await models.requireCommitted(.setting(["a": "2"], operation: operation), to: id("m"))
            try requireEqual(commit.revision, 2, "the revision")
            try requireEqual(try await models.requireModel(id("m")).text("a"), "2", "the field")
        },
        ConformanceCheck("a repeated change finds a removed model gone, also when its id is taken anew") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            let change = Change([("n", .increment(by: 1))], expecting: .revision(1))
            try await models.requireCommitted(change, to: id("m"))
            try await models.remove(id("m"))
            guard case .gone = try await models.commit(change, to: id("m")) else {
                throw Violation("a repeated change does not find the model gone")
            }
            try await models.requireInserted(id("m"), ["n": "5"])
            try await models.requireCommitted(.setting(["a": "1"]), to: id("m"))
            try await models.requireConflict(change, to: id("m"))
        },
    ]
}
