import HiredisClient
import Modeler
import ModelerRedis

/// Reads a record, or sets one of its fields.
struct RecordOperation: CallerOperation {
    let records: RedisCollection
    let id: ModelID
    let commits: Bool
    let value: EncodedJSON
    /// Of so many records any is taken; 0 for the caller's own.
    let spread: Int

    init(client: RedisClient, id: ModelID, commits: Bool, value: EncodedJSON, spread: Int) throws {
        records = try RedisCollection(client: client, prefix: BenchmarkRecords.prefix, name: BenchmarkRecords.name)
        self.id = id
        self.commits = commits
        self.value = value
        self.spread = spread
    }

    func perform() async throws {
        let id = spread > 0 ? ModelID(Int.random(in: 0..<spread)) : id
        if commits {
            let change = Change(
                [.init("f0", .set(value))], expecting: .fields([.init(name: "__token", revision: 1)]), renewal: .touch,
                base: 1)
            guard case .committed = try await records.commit(change, to: id) else {
                preconditionFailure("not committed")
            }
        } else {
            guard try await records.fetch(id) != nil else { preconditionFailure("no record \(id)") }
        }
    }
}
