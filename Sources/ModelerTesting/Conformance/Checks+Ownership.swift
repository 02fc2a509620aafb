import Modeler

extension CollectionConformance {
    /// The checks for an `OwnershipCollection`; `make` must give one.
    public static let ownershipChecks = [
        ConformanceCheck("a model becomes an owner's by reservation and confirmation, and no longer by withdrawal") {
            store in
            let models = try await store.makeOwners()
            try requireEqual(try await models.ownership(of: owner), Ownership(), "what is known of nobody")
            let epoch = try await models.requireReserved(a)
            try requireEqual(epoch, 0, "the first epoch")
            try requireEqual(try await models.ownership(of: owner), Ownership(reserved: [a]), "what is reserved")
            try require(try await models.confirm(a, of: owner, epoch: epoch, expires: nil), "a place is lost")
            try requireEqual(try await models.ownership(of: owner), Ownership(owned: [a]), "what is owned")
            try requireEqual(try await models.ownership(of: other), Ownership(), "what another owns")
            try await models.withdraw([a, b], from: owner)
            try requireEqual(try await models.ownership(of: owner), Ownership(), "what is left")
        },
        ConformanceCheck("without a place nothing is confirmed; a renewal brings a lost entry back") { store in
            let models = try await store.makeOwners()
            try require(try await !models.confirm(a, of: owner, epoch: 0, expires: nil), "confirmed without a place")
            try await models.requireRenewed(a)
            try requireEqual(try await models.ownership(of: owner), Ownership(owned: [a]), "what is owned")
        },
        ConformanceCheck("a moved epoch condemns all, and refuses what was reserved or recorded before") { store in
            let models = try await store.makeOwners()
            try await models.requireRenewed(a)
            let before = try await models.requireReserved(b)
            let known = try await models.advanceEpoch(of: owner)
            try require(known.epoch > before, "the epoch has not grown")
            try requireEqual(Set(known.condemned), [a, b], "what is condemned")
            try require(known.owned.isEmpty && known.reserved.isEmpty, "something is not condemned")
            try await models.withdraw([a, b], from: owner)
            for id in [a, b] {
                try require(
                    try await !models.confirm(id, of: owner, epoch: before, expires: nil), "confirmed too late")
                try await models.requireRevoked(id, by: before, "renewed too late")
            }
            let epoch = try await models.requireReserved(a)
            try requireEqual(epoch, known.epoch, "the epoch")
            try require(try await models.confirm(a, of: owner, epoch: epoch, expires: nil), "a place is lost")
            let next = try await models.advanceEpoch(of: owner).epoch
            try require(next > epoch, "the epoch has not grown again")
            try requireEqual(try await models.ownership(of: other).epoch, 0, "another's epoch")
        },
        ConformanceCheck("a new epoch is the store's clock or later, and grows though the clock goes back") { store in
            let models = try await store.makeOwners()
            let now = try await models.requireInserted(id("clock"), expiry: .never).created
            let first = try await models.advanceEpoch(of: owner).epoch
            // An index that was lost begins anew: only the clock keeps its epochs above those before.
            try require(
                first >= Int(now.milliseconds), "the epoch \(first) is earlier than the clock \(now.milliseconds)")
            try await store.turnClockBack?(.seconds(60))
            let second = try await models.advanceEpoch(of: owner).epoch
            try require(second > first, "the epoch went from \(first) to \(second)")
        },
        ConformanceCheck("all but one are condemned; the one keeps its place and the epoch stays") { store in
            let models = try await store.makeOwners()
            for id in [a, b] {
                try await models.requireRenewed(id)
            }
            _ = try await models.requireReserved(c)
            let known = try await models.condemn(allOf: owner, except: b)
            try requireEqual(Set(known.condemned), [a, c], "what is condemned")
            try requireEqual(known.owned, [b], "what is owned")
            try requireEqual(known.epoch, 0, "the epoch")
            for id in [a, c] {
                try await models.requireRevoked(id, by: 0, "renewed though condemned")
                guard case .condemned = try await models.reserve(id, condemning: []) else {
                    throw Violation("reserved though condemned")
                }
            }
        },
        ConformanceCheck(
            "an epoch that moves for all but one refuses the others, lost entries included, and not the one"
        ) {
            store in
            let models = try await store.makeOwners()
            for id in [a, b, c] { try await models.requireRenewed(id) }
            try await models.withdraw([c], from: owner)
            guard
                let known = try await models.advanceEpoch(
                    of: owner, sparing: a, epoch: 0, hold: .seconds(600))
            else {
                throw Violation("the one that is spared is taken for a condemned one")
            }
            try require(known.epoch > 0, "the epoch has not grown")
            try requireEqual(known, Ownership(epoch: known.epoch, reserved: [a], condemned: [b]), "what is known")
            for id in [b, c] { try await models.requireRevoked(id, by: 0, "renewed too late") }
            // Its record names the former epoch yet.
            try await models.requireRenewed(a)
            try requireEqual(try await models.ownership(of: owner).reserved, [a], "what is reserved")
            try require(
                try await !models.confirm(a, of: owner, epoch: 0, expires: nil), "the former epoch is confirmed")
            try require(try await models.confirm(a, of: owner, epoch: known.epoch, expires: nil), "a place is lost")
            try requireEqual(try await models.ownership(of: owner).owned, [a], "what is owned")
            try await models.requireRevoked(a, by: 0, "renewed by the former epoch")
            try await models.requireRenewed(a, epoch: known.epoch)
            try await models.withdraw([a], from: owner)
            let next =
                try await models.advanceEpoch(
                    of: owner, sparing: a, epoch: known.epoch, hold: .seconds(600)
                )?.epoch ?? 0
            try require(next > known.epoch, "the epoch has not grown where the one is unknown")
            try requireEqual(try await models.ownership(of: owner).reserved, [a], "what is reserved")
        },
        ConformanceCheck("a revoked model is not spared, and a place that is held for one ends") { store in
            let models = try await store.makeOwners()
            for id in [a, b] { try await models.requireRenewed(id) }
            _ = try await models.condemn(allOf: owner, except: b)
            let known = try await models.advanceEpoch(of: owner, sparing: a, epoch: 0, hold: .seconds(600))
            try require(known == nil, "a condemned model is spared")
            let unchanged = Ownership(owned: [b], condemned: [a])
            try requireEqual(try await models.ownership(of: owner), unchanged, "what is known")
            let sparing = try await models.advanceEpoch(of: owner, sparing: b, epoch: 0, hold: store.units(2))
            try require(sparing != nil, "a model that holds is not spared")
            let late = try await models.advanceEpoch(of: owner, sparing: c, epoch: 0, hold: .seconds(600))
            try require(late == nil, "a model of a former epoch is spared, which the index doesn't know")
            try await models.requireRenewed(b)
            try await store.letTimePass(store.units(3))
            try await models.requireRevoked(b, by: 0, "renewed after the place was given up")
        },
        ConformanceCheck("a renewal says where nothing was known of the owner") { store in
            let models = try await store.makeOwners()
            func outcome(_ id: ModelID, _ epoch: OwnerEpoch = 0) async throws(ModelError) -> RenewalOutcome {
                try await models.renew(id, of: owner, epoch: epoch, expires: nil)
            }
            try requireEqual(try await outcome(a), .restored, "the first renewal")
            try requireEqual(try await outcome(a), .renewed, "the second renewal")
            try requireEqual(try await outcome(b), .renewed, "another model's renewal")
            try await models.withdraw([a, b], from: owner)
            try requireEqual(try await outcome(a), .restored, "the renewal after all entries were lost")
            let epoch = try await models.advanceEpoch(of: owner).epoch
            try await models.withdraw([a], from: owner)
            try requireEqual(try await outcome(a, epoch), .renewed, "the renewal where the epoch is known")
            try requireEqual(try await outcome(b), .revoked, "the renewal of a former epoch")
        },
        ConformanceCheck("an owner's places are no more than the limit, under reservations at once too") { store in
            let models = try await store.makeOwners()
            let ids = (0..<24).map { id("m\($0)") }
            let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                for id in ids {
                    group.addTask {
                        if case .reserved = try await models.reserve(id, limit: 3, condemning: []) {
                            true
                        } else {
                            false
                        }
                    }
                }
                return try await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            try requireEqual(outcomes.count { $0 }, 3, "the number of places given")
            let held = try await models.ownership(of: owner).reserved
            guard let first = held.first, let new = ids.first(where: { !held.contains($0) }) else {
                throw Violation("nothing is reserved")
            }
            guard case .reserved = try await models.reserve(first, limit: 3, condemning: []) else {
                throw Violation("a model that has a place lost it")
            }
            guard case .reserved(let known) = try await models.reserve(new, limit: 3, condemning: [first]) else {
                throw Violation("a victim makes no room")
            }
            try requireEqual(known.condemned, [first], "what is condemned")
            try requireEqual(known.reserved.count, 3, "the number of places")
        },
        ConformanceCheck("entries leave the index at their deadlines") { store in
            let models = try await store.makeOwners()
            let model = try await models.requireInserted(id("clock"), expiry: .never)
            let now = model.updated
            try await models.requireRenewed(a, expires: now + store.units(2))
            try await models.requireRenewed(b, expires: now + store.units(100))
            _ = try await models.reserve(c, condemning: [], hold: store.units(2))
            try await store.letTimePass(store.units(3))
            try requireEqual(try await models.ownership(of: owner), Ownership(owned: [b]), "what is left")
            try require(try await !models.confirm(c, of: owner, epoch: 0, expires: nil), "confirmed too late")
        },
        ConformanceCheck("owners are told apart by the bytes of their names") { store in
            let models = try await store.makeOwners()
            let names = ["é", "e\u{301}", "a:b", "a", "*", "{a}", "a\u{0}", String(repeating: "x", count: 256)]
            for (index, name) in names.enumerated() {
                let owner = try OwnerID(name)
                try await models.requireRenewed(id("m\(index)"), of: owner)
            }
            for (index, name) in names.enumerated() {
                let known = try await models.ownership(of: try OwnerID(name))
                try requireEqual(known.owned, [id("m\(index)")], "what \(index) owns")
            }
        },
    ]

    private static let owner = OwnerID(unchecked: "owner")
    private static let other = OwnerID(unchecked: "other")
    private static let (a, b, c) = (id("a"), id("b"), id("c"))
}

extension CollectionUnderTest {
    /// A fresh collection that keeps owners.
    fileprivate func makeOwners() async throws -> any OwnershipCollection {
        guard let models = try await make() as? any OwnershipCollection else {
            throw Violation("the collection is no OwnershipCollection")
        }
        return models
    }
}

extension OwnershipCollection {
    fileprivate func reserve(
        _ id: ModelID, limit: Int? = nil, condemning victims: [ModelID], hold: Duration = .seconds(600)
    ) async throws -> ReservationOutcome {
        try await reserve(id, for: OwnerID(unchecked: "owner"), limit: limit, condemning: victims, hold: hold)
    }

    /// Renews a model, which must be the owner's.
    fileprivate func requireRenewed(
        _ id: ModelID, of owner: OwnerID = OwnerID(unchecked: "owner"), epoch: OwnerEpoch = 0, expires: Timestamp? = nil
    ) async throws {
        let outcome = try await renew(id, of: owner, epoch: epoch, expires: expires)
        try require(outcome.isOwned, "a renewal is refused")
    }

    /// Renews a model, which must be refused.
    fileprivate func requireRevoked(_ id: ModelID, by epoch: OwnerEpoch, _ violation: String) async throws {
        let outcome = try await renew(id, of: OwnerID(unchecked: "owner"), epoch: epoch, expires: nil)
        try requireEqual(outcome, .revoked, violation)
    }

    /// Takes a place that must be given, and tells the epoch.
    fileprivate func requireReserved(_ id: ModelID) async throws -> OwnerEpoch {
        guard case .reserved(let known) = try await reserve(id, condemning: []) else {
            throw Violation("a place is refused")
        }
        return known.epoch
    }
}
