import Modeler

/// What `list`, `head`, `tail`, `slice` and the chunks promise on every store that lists.
extension CollectionConformance {
    private struct Number: Codable, Sendable, Equatable {
        var n: Int
    }

    static let listChecks = [
        ConformanceCheck("M8 list, head, tail and slice take offset, limit and reverse, and load models or don't") {
            store in
            let models = try await store.makeListing()
            let ids = try await models.createNumbers(0..<20)
            try requireEqual(try await models.list(), ids, "list")
            try requireEqual(try await models.list(reverse: true), ids.reversed(), "list in reverse")
            try requireEqual(try await models.list(offset: 3, limit: 4), Array(ids[3..<7]), "a part of the list")
            try requireEqual(try await models.list(offset: 1, limit: 1), [ids[1]], "the second of the list")
            try requireEqual(try await models.list(offset: 18, limit: 4), Array(ids[18...]), "the list's end")
            try requireEqual(try await models.list(offset: 20), [], "what is after the list's end")
            try requireEqual(try await models.list(limit: 0), [], "a list of none")
            try requireEqual(try await models.head(3), Array(ids[..<3]), "head")
            try requireEqual(try await models.head(), ids, "head without a limit")
            try requireEqual(try await models.tail(3), ids.suffix(3).reversed(), "tail")
            try requireEqual(try await models.tail(), ids.reversed(), "tail without a limit")
            try requireEqual(try await models.slice(17), Array(ids[17...]), "slice without a limit")
            try requireEqual(try await models.slice(5, 2, reverse: true), [ids[14], ids[13]], "slice in reverse")
            let loaded = try await models.slice(5, 2, load: .normal)
            try requireEqual(loaded.map { $0["n"] }, [5, 6], "the models of a slice")
            try requireEqual(
                loaded.map { $0.fields["__s"] == nil }, [true, true], "whether save-only fields are left out")
            try requireEqual(try await models.tail(1, load: .raw).map { $0["__s"] }, [19], "the save-only field, raw")
            try requireEqual(try await models.head(2, load: .normal).map(\.id), Array(ids[..<2]), "the models of head")
            let values = try await models.list(offset: 18, reverse: true, as: Number.self)
            try requireEqual(values.map(\.value.n), [1, 0], "the list as values")
            for refused in [(-1, 1), (0, -1)] {
                try await models.requireRefused(.invalidChange, "a list of \(refused)") {
                    _ = try await models.list(offset: refused.0, limit: refused.1)
                }
            }
        },
        ConformanceCheck("M8 removed and expired models drop out of lists, loaded or not") { store in
            let models = try await store.makeListing()
            for number in 0..<30 {
                let expiry = Expiry(idle: store.units(number % 3 == 0 ? 2 : 100))
                try await models.create(["n": .integer(number)], id: ModelID(number), expiry: expiry)
            }
            for number in 0..<30 where number % 3 == 1 { try await models.destroy(ModelID(number)) }
            try await store.letTimePass(store.units(3))
            let left = (0..<30).filter { $0 % 3 == 2 }.map { ModelID($0) }
            try requireEqual(try await models.list(), left, "the ids left")
            try requireEqual(try await models.tail(2), left.suffix(2).reversed(), "the last ids left")
            try requireEqual(try await models.slice(8, 5), Array(left[8...]), "a slice of those left")
            try requireEqual(try await models.list(load: .normal).map(\.id), left, "the models left")
        },
        ConformanceCheck(
            "M10 in reverse from offset 9, chunks of 5 of 100 models are 19, the last just the first model"
        ) {
            store in
            let models = try await store.makeListing(ModelHooks(load: { $0["seen"] = true }))
            let ids = try await models.createNumbers(0..<100)
            var chunks: [[ModelID]] = []
            for try await chunk in models.idChunks(of: 5, offset: 9, reverse: true) { chunks.append(chunk) }
            try requireEqual(chunks.count, 19, "the number of chunks")
            try requireEqual(chunks.last, [ids[0]], "the last chunk")
            try requireEqual(chunks.flatMap(\.self), ids[...90].reversed(), "the ids of all chunks")
            try requireEqual(chunks.dropLast().map(\.count), Array(repeating: 5, count: 18), "the chunks' sizes")
            var numbers: [Int?] = []
            for try await chunk in models.chunks(of: 7, limit: 20) {
                try require(chunk.allSatisfy { $0["seen"] == true }, "the load hook has not run")
                numbers += chunk.map { $0["n"].int }
            }
            try requireEqual(numbers, Array(0..<20), "the models of limited chunks")
            var values: [Int] = []
            for try await chunk in models.chunks(of: 30, offset: 50, as: Number.self) { values += chunk.map(\.value.n) }
            try requireEqual(values, Array(50..<100), "the values of chunks")
            try await models.requireRefused(.invalidChange, "chunks of none") {
                for try await _ in models.idChunks(of: 0) {}
            }
        },
        ConformanceCheck("M8 models created at once are all listed, each once, in one order for every reader") {
            store in
            let models = try await store.makeListing()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 { group.addTask { try await models.create(id: ModelID(number)) } }
                try await group.waitForAll()
            }
            let listed = try await models.list()
            try requireEqual(listed.sorted(), (0..<100).map { ModelID($0) }.sorted(), "the ids listed")
            try requireEqual(try await models.tail(), listed.reversed(), "the ids in reverse")
            var chunked: [ModelID] = []
            for try await chunk in models.idChunks(of: 3) { chunked += chunk }
            try requireEqual(chunked, listed, "the ids in chunks")
        },
        ConformanceCheck("M8 an insertion that is refused moves no model in the order") { store in
            let models = try await store.makeListing()
            let ids = try await models.createNumbers(0..<5)
            try await models.requireRefused(.revisionConflict, "an id that exists") {
                try await models.create(id: ids[1])
            }
            try requireEqual(try await models.list(), ids, "the ids")
            try await models.remove(ids[0])
            try await models.create(id: ids[0])
            try requireEqual(try await models.list(), ids[1...] + [ids[0]], "the ids after another insertion")
        },
    ]
}

extension ListingCollection {
    /// Creates a model for each number, one after the other.
    fileprivate func createNumbers(_ numbers: Range<Int>) async throws -> [ModelID] {
        for number in numbers {
            try await create(["n": .integer(number), "__s": .integer(number)], id: ModelID(number))
        }
        return numbers.map { ModelID($0) }
    }
}
