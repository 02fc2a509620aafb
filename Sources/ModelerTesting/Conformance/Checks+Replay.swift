import Modeler

/// What a store answers to writes that were asked before, their answers lost.
extension CollectionConformance {
    static let replayChecks = [
        ConformanceCheck("a repeated insertion is answered as applied, once") { store in
            let models = try await store.make()
            let model = NewModel(id: id("m"), fields: [("n", json("1"))])
            for attempt in [model, model.repeated, model.repeated] {
                guard case .inserted(let commit) = try await models.insert(attempt, expiry: .never) else {
                    throw Violation("the repetition of an insertion is answered with 'exists'")
                }
                try requireEqual(commit.revision, 1, "the revision")
            }
            try await models.requireCommitted(Change([.init("n", .increment(by: 1))]), to: id("m"))
            guard case .inserted(let late) = try await models.insert(model.repeated, expiry: .never) else {
                throw Violation("the repetition of an insertion after another write is answered with 'exists'")
            }
            try requireEqual(late.revision, 1, "the revision of the repeated insertion")
            try requireEqual(try await models.requireModel(id("m")).text("n"), "2", "the field")
        },
        ConformanceCheck("an insertion that is asked for the first time finds a taken id, whatever its operation's id")
        {
            store in
            let models = try await store.make()
            let model = NewModel(id: id("m"), fields: [("n", json("1"))])
            _ = try await models.insert(model, expiry: .never)
            guard case .exists = try await models.insert(model, expiry: .never) else {
                throw Violation("an insertion was taken for another one with the same operation id")
            }
            let other = NewModel(id: id("m"), fields: []).repeated
            guard case .exists = try await models.insert(other, expiry: .never) else {
                throw Violation("a repeated insertion that was never applied is answered as applied")
            }
        },
        ConformanceCheck("a repeated change is applied once, also after other writes") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            let change = Change([.init("n", .increment(by: 1))], expecting: .revision(1), base: 1)
            for attempt in [change, change.repeated, change.repeated] {
                let commit = try await models.requireCommitted(attempt, to: id("m"))
                try requireEqual(commit.revision, 2, "the revision")
                try requireEqual(commit.values.map(\.value), [json("1")], "the value made")
            }
            for _ in 0..<4 { try await models.requireCommitted(Change([.init("n", .increment(by: 1))]), to: id("m")) }
            let late = try await models.requireCommitted(change.repeated, to: id("m"))
            try requireEqual(late.revision, 2, "the revision of the repeated change")
            try requireEqual(late.values.map(\.value), [json("5")], "the value of now")
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.text("n"), "5", "the counter")
            try requireEqual(model.revision, 6, "the revision")
        },
        ConformanceCheck("a repeated change that was never applied is applied, where the store can tell") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            try await models.requireCommitted(.setting(["a": "1"]), to: id("m"))
            let change = Change([.init("n", .increment(by: 1))], base: 2, isRepeated: true)
            try requireEqual(try await models.requireCommitted(change, to: id("m")).revision, 3, "the revision")
            try requireEqual(try await models.requireCommitted(change, to: id("m")).revision, 3, "the revision")
            try await models.requireConflict(
                .setting(["a": "2"], expecting: .revision(1), isRepeated: true), to: id("m"))
            try requireEqual(try await models.requireModel(id("m")).text("n"), "1", "the counter")
        },
        ConformanceCheck("C10 an increment repeated after 33 and after 1,000 other writes is never applied twice") {
            store in
            let models = try await store.make()
            for others in [33, 1000] {
                let model = id("m\(others)")
                try await models.requireInserted(model, ["n": "0", "o": "0"])
                let change = Change([.init("n", .increment(by: 1))], base: 1)
                try await models.requireCommitted(change, to: model)
                for _ in 0..<others {
                    try await models.requireCommitted(Change([.init("o", .increment(by: 1))]), to: model)
                }
                try await models.requireAppliedOrUnknown(change.repeated, to: model, at: 2)
                try requireEqual(try await models.requireModel(model).text("n"), "1", "the counter")
                // One that is known to be later than all those writes was not applied, and can be.
                let late = Change([.init("n", .increment(by: 1))], base: others + 2, isRepeated: true)
                try requireEqual(
                    try await models.requireCommitted(late, to: model).revision, others + 3, "the revision")
            }
        },
        ConformanceCheck("C10 an increment repeated two minutes later, after another write, is not applied twice") {
            store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            let change = Change([.init("n", .increment(by: 1))], base: 1)
            try await models.requireCommitted(change, to: id("m"))
            if store.isClockManual { try await store.letTimePass(.seconds(120)) }
            try await models.requireCommitted(.setting(["o": "1"]), to: id("m"))
            try await models.requireAppliedOrUnknown(change.repeated, to: id("m"), at: 2)
            try requireEqual(try await models.requireModel(id("m")).text("n"), "1", "the counter")
        },
        ConformanceCheck(
            "changes that are asked for the first time are both applied though their operation ids are equal"
        ) {
            store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["a": "0"])
            let operation = OperationID()
            try await models.requireCommitted(.setting(["a": "1"], operation: operation), to: id("m"))
            let second = try await models.requireCommitted(.setting(["b": "2"], operation: operation), to: id("m"))
            try requireEqual(second.revision, 3, "the revision")
            try requireEqual(try await models.requireModel(id("m")).text("b"), "2", "the second change's field")
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
                let change = Change([.init("n", .append(json("1"), maximum: 3))], operation: operation)
                _ = try await models.commit(change, to: id("m"))
            }
            let change = Change.setting(["a": "2"], operation: operation, isRepeated: true)
            let commit = try await models.requireCommitted(change, to: id("m"))
            try requireEqual(commit.revision, 2, "the revision")
            try requireEqual(try await models.requireModel(id("m")).text("a"), "2", "the field")
        },
        ConformanceCheck("a repeated change finds a removed model gone, also when its id is taken anew") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            let change = Change([.init("n", .increment(by: 1))], expecting: .revision(1))
            try await models.requireCommitted(change, to: id("m"))
            try await models.remove(id("m"))
            guard case .gone = try await models.commit(change.repeated, to: id("m")) else {
                throw Violation("a repeated change does not find the model gone")
            }
            try await models.requireInserted(id("m"), ["n": "5"])
            try await models.requireCommitted(.setting(["a": "1"]), to: id("m"))
            try await models.requireConflict(change.repeated, to: id("m"))
        },
    ]
}

extension ModelCollection {
    /// Repeats a change that was applied at a revision: the store knows it, or says that it can't tell.
    fileprivate func requireAppliedOrUnknown(_ change: Change, to id: ModelID, at revision: Revision) async throws {
        do {
            let commit = try await requireCommitted(change, to: id)
            try requireEqual(commit.revision, revision, "the revision of a change that was applied before")
        } catch let error as ModelError where error.code == .outcomeUnknown {
            return
        }
    }
}
