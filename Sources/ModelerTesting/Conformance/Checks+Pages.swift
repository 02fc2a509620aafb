import Modeler

extension CollectionConformance {
    static let pageChecks = [
        ConformanceCheck("M8 pages go through the ids in the order of insertion, and against it") { store in
            let models = try await store.makeListing()
            try requireEqual(try await models.everyID(.oldestFirst, limit: 7), [], "the ids of an empty collection")
            let ids = (0..<50).map { id("m\($0)") }
            for id in ids { try await models.requireInserted(id) }
            for limit in [1, 7, 25, 50, 51, 1000] {
                try requireEqual(try await models.everyID(.oldestFirst, limit: limit), ids, "the ids")
                try requireEqual(try await models.everyID(.newestFirst, limit: limit), ids.reversed(), "the ids back")
            }
        },
        ConformanceCheck("M8 removed and expired models drop out of pages; commits keep their place") { store in
            let models = try await store.makeListing()
            for index in 0..<30 {
                let expiry = Expiry(idle: index % 3 == 0 ? store.units(2) : store.units(100))
                try await models.requireInserted(id("m\(index)"), expiry: expiry)
            }
            for index in 0..<30 where index % 3 == 1 { try await models.remove(id("m\(index)")) }
            try await models.requireCommitted(.setting(["b": "1"]), to: id("m2"))
            try await store.letTimePass(store.units(3))
            let left = (0..<30).filter { $0 % 3 == 2 }.map { id("m\($0)") }
            try requireEqual(try await models.everyID(.oldestFirst, limit: 4), left, "the ids left")
            try await models.requireInserted(id("m1"))
            try requireEqual(try await models.everyID(.oldestFirst, limit: 4), left + [id("m1")], "the ids")
        },
        ConformanceCheck("M10 paging while models come and go skips and repeats none that stay") { store in
            let models = try await store.makeListing()
            let ids = (0..<40).map { id("m\($0)") }
            for id in ids { try await models.requireInserted(id) }
            var seen: [ModelID] = []
            var cursor: PageCursor?
            var round = 0
            repeat {
                let page = try await models.page(after: cursor, limit: 5, order: .oldestFirst)
                seen += page.ids
                cursor = page.next
                if let last = page.ids.last { try await models.remove(last) }
                try await models.remove(ids[39 - round])
                round += 1
            } while cursor != nil && round < 40
            try requireEqual(seen, Array(ids.prefix(seen.count)), "the ids seen")
            try require(seen.count >= 30, "models that stayed are not listed")
        },
    ]
}

extension CollectionUnderTest {
    /// A fresh collection that can be listed.
    func makeListing(_ hooks: ModelHooks = ModelHooks()) async throws -> any ListingCollection {
        guard let models = try await make(hooks) as? any ListingCollection else {
            throw Violation("the collection is no ListingCollection")
        }
        return models
    }
}

extension ListingCollection {
    /// All ids, page by page.
    func everyID(_ order: PageOrder, limit: Int) async throws -> [ModelID] {
        var ids: [ModelID] = []
        var cursor: PageCursor?
        repeat {
            let page = try await page(after: cursor, limit: limit, order: order)
            try require(page.ids.count <= limit, "a page of \(page.ids.count) ids is longer than \(limit)")
            ids += page.ids
            cursor = page.next
        } while cursor != nil
        return ids
    }
}
