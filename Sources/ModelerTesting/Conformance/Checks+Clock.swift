import Modeler

/// What a store's clock decides, and what it tells.
extension CollectionConformance {
    static let clockChecks = [
        ConformanceCheck("a model is not there from the very instant of its deadline on") { store in
            let models = try await store.make()
            guard store.isClockManual else { return try await requireNoneAtDeadline(in: models, of: store) }
            for expiry in [Expiry(idle: .milliseconds(1500)), Expiry(absolute: .milliseconds(1500))] {
                try await models.requireInserted(id("m"), expiry: expiry)
                try await store.letTimePass(.milliseconds(1499))
                _ = try await models.requireModel(id("m"))
                try await store.letTimePass(.milliseconds(1))
                try await models.requireGone(id("m"))
                try requireEqual(try await models.requireInserted(id("m")).revision, 1, "the revision of a new model")
                try await models.remove(id("m"))
            }
        },
        ConformanceCheck("a model without limits stays, and every answer has the store's clock of that moment") {
            store in
            let models = try await store.make()
            let inserted = try await models.requireInserted(id("m"), expiry: .never)
            try await store.letTimePass(store.units(3))
            let earliest = inserted.created + store.units(2)
            let fetched = try await models.fetch([id("m")]).first ?? nil
            let conflict = try await models.requireConflict(Change(expecting: .revision(9)), to: id("m"))
            let renewed = try await models.requireRenewed(id("m"))
            let second = NewModel(id: id("m"), fields: [])
            guard case .exists(let existing) = try await models.insert(second, expiry: .never),
                case .conflict(let kept) = try await models.remove(id("m"), expecting: .revision(9))
            else { throw Violation("a model without limits is gone") }
            let lifetimes = [
                fetched?.lifetime, try await models.requireModel(id("m")).lifetime, conflict.lifetime, renewed,
                existing.lifetime, kept.lifetime,
            ]
            for lifetime in lifetimes {
                guard let lifetime else { throw Violation("a stored model has no lifetime") }
                try require(lifetime.expires == nil, "a model without limits has a deadline")
                try require(lifetime.now >= earliest, "lifetime.now is \(lifetime.now), not the clock of the answer")
            }
            if store.isClockManual {
                try await store.letTimePass(.seconds(1000 * 86400))
                _ = try await models.requireModel(id("m"))
            }
        },
        ConformanceCheck("C9 a clock that goes back leaves models readable and writable, their times in order") {
            store in
            guard let turnClockBack = store.turnClockBack else { return }
            let models = try await store.make()
            try await models.requireInserted(id("m"), ["n": "0"])
            try await store.letTimePass(.seconds(60))
            let before = try await models.requireCommitted(.setting(["n": "1"]), to: id("m"))
            try await turnClockBack(.seconds(120))
            let after = try await models.requireCommitted(.setting(["n": "2"]), to: id("m"))
            let model = try await models.requireModel(id("m"))
            try requireEqual([after.revision, model.revision], [3, 3], "the revision")
            try requireEqual(after.created, before.created, "created")
            for updated in [after.updated, model.updated] {
                try require(updated >= before.updated, "updated goes back with the clock")
            }
            try require(model.lifetime?.remaining ?? .zero > .zero, "nothing remains of a model that is there")
            try require(try await models.remove(id("m")), "the model can't be removed")
        },
    ]

    /// Watches a model expire by a real clock: no answer has it at its deadline or past it.
    private static func requireNoneAtDeadline(in models: any ModelCollection, of store: CollectionUnderTest)
        async throws
    {
        try await models.requireInserted(id("m"), expiry: Expiry(idle: store.units(1)))
        let end = ContinuousClock.now.advanced(by: store.units(50))
        while let model = try await models.fetch(id("m")) {
            guard let lifetime = model.lifetime, let expires = lifetime.expires else {
                throw Violation("a model that should expire has no deadline")
            }
            try require(lifetime.now < expires, "a model is there at \(lifetime.now), and its deadline is \(expires)")
            try require(ContinuousClock.now < end, "a model is there long past its deadline")
        }
    }
}
