import Modeler

extension CollectionConformance {
    /// The checks for a `ScannableCollection`; `make` must give one.
    public static let scanChecks = [
        ConformanceCheck("a scan finds every model in steps of any size, and none of another collection") { store in
            let models = try await store.makeScannable()
            let neighbour = try await store.makeScannable()
            try requireEqual(try await models.scanned(limit: 10).ids, [], "what an empty collection has")
            let ids = (0..<150).map { id("m\($0)") }
            for id in ids { try await models.requireInserted(id) }
            for index in 0..<20 { try await neighbour.requireInserted(id("n\(index)")) }
            for index in 100..<150 { try await models.remove(id("m\(index)")) }
            for limit in [1, 7, 50, 1000] {
                try requireEqual(try await models.scanned(limit: limit).ids, Set(ids[..<100]), "the ids found")
            }
        },
        ConformanceCheck("a scan finds all that stays while models come and go") { store in
            let models = try await store.makeScannable()
            for index in 0..<200 { try await models.requireInserted(id("m\(index)")) }
            var found: Set<ModelID> = []
            var cursor: PageCursor?
            var round = 0
            repeat {
                let part = try await models.scan(after: cursor, limit: 10)
                found.formUnion(part.ids)
                // What was found goes, some of what was not goes too, and others come.
                for id in part.ids where id.rawValue.hasPrefix("m") { try await models.remove(id) }
                if round < 50 {
                    try await models.remove(id("m\(round * 3)"))
                    for index in 0..<5 { try await models.requireInserted(id("n\(round)-\(index)")) }
                }
                round += 1
                cursor = part.next
            } while cursor != nil && round < 100_000
            for index in 0..<200 where index % 3 != 0 || index >= 150 {
                try require(found.contains(id("m\(index)")), "m\(index) was there all the time and is not found")
            }
        },
        ConformanceCheck("a scan refuses another collection's cursor, and steps that look at nothing") { store in
            let models = try await store.makeScannable()
            try await models.requireRefused(.invalidChange, "an odd cursor") {
                _ = try await models.scan(after: PageCursor(rawValue: "?"), limit: 1)
            }
            try await models.requireRefused(.invalidChange, "a limit of 0") {
                _ = try await models.scan(after: nil, limit: 0)
            }
        },
    ]

    /// The checks for a collection that is scannable and keeps owners; `make` must give one.
    public static let ownerScanChecks = [
        ConformanceCheck("a scan finds the owners of whom something is kept, whatever their names") { store in
            let models = try await store.makeScannable()
            guard let owners = models as? any OwnershipCollection else {
                throw Violation("the collection is no OwnershipCollection")
            }
            let odd = [
                "é", "e\u{301}", "a:b", "a", "*", "{a}", "a\u{0}", "a\u{0}b", String(repeating: "x", count: 256),
            ]
            let names = odd + (0..<60).map { "user \($0)" }
            for (index, name) in names.enumerated() {
                let owner = try OwnerID(name)
                if index % 2 == 0 {
                    _ = try await owners.reserve(
                        id("m\(index)"), for: owner, limit: nil, condemning: [], hold: .seconds(600))
                } else {
                    try require(
                        try await owners.renew(id("m\(index)"), of: owner, epoch: 0, expires: nil).isOwned,
                        "not renewed")
                }
            }
            try await models.requireInserted(id("m"))
            for limit in [1, 7, 1000] {
                let found = try await models.scanned(limit: limit)
                let known = found.owners.map { Array($0.rawValue.utf8) }
                try requireEqual(Set(known), Set(names.map { Array($0.utf8) }), "the owners found")
                try requireEqual(found.ids, [id("m")], "the ids found")
            }
        }
    ]
}

extension CollectionUnderTest {
    /// A fresh collection that can be gone through.
    fileprivate func makeScannable() async throws -> any ScannableCollection {
        guard let models = try await make() as? any ScannableCollection else {
            throw Violation("the collection is no ScannableCollection")
        }
        return models
    }
}

extension ScannableCollection {
    /// All that a scan finds.
    fileprivate func scanned(limit: Int) async throws -> (ids: Set<ModelID>, owners: Set<OwnerID>) {
        var ids: Set<ModelID> = []
        var owners: Set<OwnerID> = []
        var cursor: PageCursor?
        repeat {
            let step = try await scan(after: cursor, limit: limit)
            ids.formUnion(step.ids)
            owners.formUnion(step.owners)
            cursor = step.next
        } while cursor != nil
        return (ids, owners)
    }
}
