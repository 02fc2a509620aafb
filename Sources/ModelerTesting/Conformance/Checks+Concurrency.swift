import Modeler

extension CollectionConformance {
    static let concurrencyChecks = [
        ConformanceCheck("C10 increments at once are counted exactly") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            try await together(8) { _ in
                for _ in 0..<50 {
                    try await models.requireCommitted(Change([.init("n", .increment(by: 1))]), to: id("m"))
                }
            }
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.text("n"), "400", "the counter")
            try requireEqual(model.revision, 401, "the revision")
        },
        ConformanceCheck("C1, C10 writers of different fields never conflict and lose nothing") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), [:])
            try await together(8) { writer in
                let name = "f\(writer)"
                var revision = 0
                for step in 0..<25 {
                    let expected = Change.Expectation.fields([Change.FieldRevision(name: name, revision: revision)])
                    let change = Change([.init(name, .set(json("\(step)")))], expecting: expected)
                    revision = try await models.requireCommitted(change, to: id("m")).revision
                }
            }
            let model = try await models.requireModel(id("m"))
            try requireEqual((0..<8).map { model.text("f\($0)") }, Array(repeating: "24", count: 8), "the fields")
            try requireEqual(model.revision, 201, "the revision")
        },
        ConformanceCheck("C2 of writers that expect one revision exactly one wins") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["winner": "-1"])
            for round in 1...20 {
                let wins = try await together(8) { writer in
                    let change = Change.setting(["winner": "\(writer)"], expecting: .revision(round))
                    guard case .committed = try await models.commit(change, to: id("m")) else { return 0 }
                    return 1
                }
                try requireEqual(wins.reduce(0, +), 1, "the number of winners")
                try requireEqual(try await models.requireModel(id("m")).revision, round + 1, "the revision")
            }
        },
        ConformanceCheck("C3 removing one field while others are written removes it and keeps them") { store in
            let models = try await store.make()
            for round in 0..<20 {
                let model = id("m\(round)")
                try await models.requireInserted(model, ["a": "1"])
                try await together(4) { writer in
                    let change =
                        writer == 0
                        ? Change([.init("a", .remove)]) : Change([.init("b\(writer)", .set(json("1")))])
                    try await models.requireCommitted(change, to: model)
                }
                let names = Set(try await models.requireModel(model).fields.map(\.name))
                try requireEqual(names, ["b1", "b2", "b3"], "the fields left")
            }
        },
        ConformanceCheck("C4 a model removed among commits and renewals stays removed") { store in
            let models = try await store.make()
            for round in 0..<25 {
                let model = id("m\(round)")
                try await models.requireInserted(model, ["a": "1"])
                let removed = try await together(6) { client in
                    switch client {
                    case 0: return try await models.remove(model)
                    case 1, 2: _ = try await models.commit(Change(), to: model)
                    case 3:
                        let limits = Expiry(idle: .seconds(60))
                        _ = try await models.commit(Change(renewal: .replace(limits)), to: model)
                    default: _ = try await models.commit(.setting(["b": "\(client)"]), to: model)
                    }
                    return false
                }
                try require(removed.contains(true), "remove does not say that the model was there")
                try await models.requireGone(model)
            }
        },
        ConformanceCheck("of removals at once that expect one revision at most one succeeds, and none after a write") {
            store in
            let models = try await store.make()
            for round in 0..<25 {
                let model = id("m\(round)")
                try await models.requireInserted(model, ["a": "1"])
                let outcomes = try await together(6) { client in
                    if client < 3 {
                        guard case .removed = try await models.remove(model, expecting: .revision(1)) else { return 0 }
                        return 1
                    }
                    let change = Change.setting(["b": "\(client)"], expecting: .revision(1))
                    guard case .committed = try await models.commit(change, to: model) else { return 0 }
                    return 2
                }
                try requireEqual(outcomes.count { $0 > 0 }, 1, "the number of calls that saw revision 1")
                let isThere = try await models.fetch(model) != nil
                try requireEqual(isThere, outcomes.contains(2), "whether the model is there")
            }
        },
        ConformanceCheck("of insertions of one id at once exactly one succeeds") { store in
            let models = try await store.make()
            for round in 0..<20 {
                let won = try await together(8) { writer in
                    let model = NewModel(id: id("m\(round)"), fields: [("w", json("\(writer)"))])
                    guard case .inserted = try await models.insert(model, expiry: .never) else { return -1 }
                    return writer
                }.filter { $0 >= 0 }
                try requireEqual(won.count, 1, "the number of winners")
                let stored = try await models.requireModel(id("m\(round)"))
                try requireEqual(stored.text("w"), won.first.map(String.init), "the winner's field")
            }
        },
    ]

    /// Runs clients at once.
    @discardableResult
    private static func together<Answer: Sendable>(
        _ clients: Int,
        _ body: @escaping @Sendable @concurrent (Int) async throws -> Answer
    ) async throws -> [Answer] {
        try await withThrowingTaskGroup(of: Answer.self) { group in
            for client in 0..<clients {
                group.addTask { try await body(client) }
            }
            var answers: [Answer] = []
            for try await answer in group { answers.append(answer) }
            return answers
        }
    }
}
