import HiredisClient
public import Modeler
import RESP

extension RedisCollection {
    /// The most models asked for in one request: no more than have 256 MiB together.
    private var chunk: Int { max(1, min(64, (256 << 20) / max(1, maximumBytes))) }

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        var models: [Model?] = []
        models.reserveCapacity(ids.count)
        for start in stride(from: 0, to: ids.count, by: chunk) {
            let part = ids[start..<min(start + chunk, ids.count)]
            let replies = try await read(part)
            for (position, id) in part.enumerated() {
                models.append(try model(at: position, of: replies, id: id))
            }
        }
        return models
    }

    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        let replies = try await read(CollectionOfOne(id))
        return try model(at: 0, of: replies, id: id)
    }

    private func read(_ ids: some RandomAccessCollection<ModelID>) async throws(ModelError) -> RESPReplies {
        let request = RESPRequest.build(capacity: ids.count * 2 * (keys.recordPrefix.utf8.count + 64)) { encoder in
            for id in ids {
                encoder.command("HGETALL", argumentCount: 2)
                encoder.argument(keys.recordPrefix.utf8, id.rawValue.utf8)
                encoder.command("PTTL", argumentCount: 2)
                encoder.argument(keys.recordPrefix.utf8, id.rawValue.utf8)
            }
        }
        do {
            return try await client.send(request, retry: .always)
        } catch {
            throw ModelError(redis: error)
        }
    }

    private func model(at position: Int, of replies: RESPReplies, id: ModelID) throws(ModelError) -> Model? {
        guard let remaining = replies[position * 2 + 1].integer else { throw foreignReply(replies) }
        let model = try model(replies[position * 2], of: replies, id: id, time: .remaining(remaining))
        // Redis's answer to PTTL for a key that has expired since.
        return remaining == -2 ? nil : model
    }
}
