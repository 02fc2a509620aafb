import Modeler

extension CollectionConformance {
    static let lifetimeChecks = [
        ConformanceCheck("a model has the earlier of its deadlines from its insertion on") { store in
            let models = try await store.make()
            for expiry in [
                Expiry(idle: store.units(10)), Expiry(absolute: store.units(10)),
                Expiry(idle: store.units(10), absolute: store.units(50)),
                Expiry(idle: store.units(50), absolute: store.units(10)),
            ] {
                try await requireDeadline(store.units(10), within: store.units(5), under: expiry, in: models)
            }
            let forever = try await models.requireInserted(id("m"), expiry: .never)
            try require(forever.lifetime.expires == nil, "a model without limits has a deadline")
        },
        ConformanceCheck("an expired model is gone for every operation, and its id is free") { store in
            let models = try await store.make()
            try await models.requireInserted(id("idle"), ["a": "1"], expiry: Expiry(idle: store.units(2)))
            try await models.requireInserted(id("absolute"), ["a": "1"], expiry: Expiry(absolute: store.units(2)))
            try await models.requireInserted(id("later"), ["a": "1"], expiry: Expiry(idle: store.units(50)))
            try await store.letTimePass(store.units(3))
            try await models.requireGone(id("idle"))
            try await models.requireGone(id("absolute"))
            _ = try await models.requireModel(id("later"))
            try requireEqual(try await models.requireInserted(id("idle"), ["b": "2"]).revision, 1, "the revision")
            try requireEqual(try await models.requireModel(id("idle")).fields.map(\.name), ["b"], "the fields")
        },
        ConformanceCheck("commits with and without operations start the idle limit anew") { store in
            let models = try await store.make()
            for name in ["commit", "empty", "nothing"] {
                try await models.requireInserted(id(name), expiry: Expiry(idle: store.units(4)))
            }
            for _ in 0..<3 {
                try await store.letTimePass(store.units(2))
                try await models.requireCommitted(.setting(["b": "1"]), to: id("commit"))
                let lifetime = try await models.requireRenewed(id("empty"))
                try requireRemaining(lifetime, store.units(4), within: store.units(2))
            }
            for name in ["commit", "empty"] { _ = try await models.requireModel(id(name)) }
            try require(try await models.fetch(id("nothing")) == nil, "the model that nobody renewed is there")
            try requireEqual(try await models.requireModel(id("empty")).revision, 1, "the revision after renewals")
        },
        ConformanceCheck("nothing moves a model past its absolute limit") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), expiry: Expiry(idle: store.units(10), absolute: store.units(5)))
            try await store.letTimePass(store.units(2))
            let commit = try await models.requireCommitted(.setting(["a": "2"]), to: id("m"))
            try requireRemaining(commit.lifetime, store.units(3), within: store.units(2))
            try requireRemaining(try await models.requireRenewed(id("m")), store.units(3), within: store.units(2))
            try await store.letTimePass(store.units(4))
            try await models.requireGone(id("m"))
        },
    ]

    static let renewalChecks = [
        ConformanceCheck("a commit may keep the deadline") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), expiry: Expiry(idle: store.units(4)))
            try await store.letTimePass(store.units(2))
            let commit = try await models.requireCommitted(.setting(["a": "2"], renewal: .keep), to: id("m"))
            try requireRemaining(commit.lifetime, store.units(2), within: store.units(2))
            try await store.letTimePass(store.units(3))
            try await models.requireGone(id("m"))
        },
        ConformanceCheck("a commit may give new limits, the absolute one counted from creation") { store in
            let models = try await store.make()
            let limits = Expiry(idle: store.units(20), absolute: store.units(30))
            for name in ["commit", "empty"] {
                try await models.requireInserted(id(name), expiry: Expiry(idle: store.units(15)))
            }
            try await store.letTimePass(store.units(5))
            let commit = try await models.requireCommitted(
                .setting(["a": "2"], renewal: .replace(limits)),
                to: id("commit")
            )
            let empty = try await models.requireRenewed(id("empty"), .replace(limits))
            for lifetime in [commit.lifetime, empty] {
                try requireEqual(lifetime.expiry, limits, "the new limits")
                try requireRemaining(lifetime, store.units(20), within: store.units(4))
            }
            for name in ["commit", "empty"] {
                try requireEqual(try await models.requireModel(id(name)).lifetime?.expiry, limits, "the limits read")
                let shortened = try await models.requireRenewed(id(name), .replace(Expiry(absolute: store.units(25))))
                try requireRemaining(shortened, store.units(20), within: store.units(5))
                let endless = try await models.requireRenewed(id(name), .replace(.never))
                try require(endless.expires == nil, "a model without limits has a deadline")
            }
        },
        ConformanceCheck("an absolute limit that has passed already ends the model") { store in
            let models = try await store.make()
            for name in ["commit", "empty"] {
                try await models.requireInserted(id(name), expiry: Expiry(idle: store.units(50)))
            }
            try await store.letTimePass(store.units(2))
            let past = Expiry(idle: store.units(50), absolute: store.units(1))
            _ = try await models.commit(.setting(["a": "2"], renewal: .replace(past)), to: id("commit"))
            _ = try await models.commit(Change(renewal: .replace(past)), to: id("empty"))
            try await models.requireGone(id("commit"))
            try await models.requireGone(id("empty"))
        },
        ConformanceCheck("limits below a millisecond are refused and change nothing") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"))
            for limit in [Duration.zero, .seconds(-5), .microseconds(999)] {
                for expiry in [Expiry(idle: limit), Expiry(idle: .seconds(9), absolute: limit)] {
                    try await models.requireRefused(.invalidChange, "a renewal with a limit of \(limit)") {
                        _ = try await models.commit(Change(renewal: .replace(expiry)), to: id("m"))
                    }
                    try await models.requireRefused(.invalidChange, "a commit with a limit of \(limit)") {
                        _ = try await models.commit(
                            .setting(["a": "2"], renewal: .replace(expiry)),
                            to: id("m")
                        )
                    }
                }
            }
            let model = try await models.requireModel(id("m"))
            try requireEqual(model.revision, 1, "the revision")
            try requireEqual(model.lifetime?.expiry, Expiry(idle: .seconds(3600)), "the limits")
        },
        ConformanceCheck("conflicts leave the deadline alone") { store in
            let models = try await store.make()
            try await models.requireInserted(id("m"), expiry: Expiry(idle: store.units(4)))
            try await store.letTimePass(store.units(2))
            try await models.requireConflict(.setting(["a": "2"], expecting: .revision(9)), to: id("m"))
            let lifetime = try await models.requireModel(id("m")).lifetime
            try requireRemaining(lifetime, store.units(2), within: store.units(2))
        },
    ]

    /// Checks that a new model with some limits has this long to live.
    private static func requireDeadline(
        _ expected: Duration,
        within tolerance: Duration,
        under expiry: Expiry,
        in models: any ModelCollection
    ) async throws {
        let id = ModelID.random()
        let commit = try await models.requireInserted(id, expiry: expiry)
        try requireRemaining(commit.lifetime, expected, within: tolerance)
        try requireEqual(commit.lifetime.expiry, expiry, "the limits")
        let lifetime = try await models.requireModel(id).lifetime
        try requireRemaining(lifetime, expected, within: tolerance)
        try requireEqual(lifetime?.expiry, expiry, "the limits of the model read")
    }

    /// Checks that a lifetime has at most this much left, and not less by more than a tolerance.
    @inline(never)  // As `CollectionUnderTest.units(_:)`.
    private static func requireRemaining(
        _ lifetime: Lifetime?,
        _ expected: Duration,
        within tolerance: Duration,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) throws {
        guard let remaining = lifetime?.remaining else {
            throw Violation("a model that should expire has no deadline", fileID: fileID, line: line)
        }
        try require(
            remaining <= expected && remaining > expected - tolerance,
            "\(remaining) remain instead of \(expected)",
            fileID: fileID,
            line: line
        )
    }
}
