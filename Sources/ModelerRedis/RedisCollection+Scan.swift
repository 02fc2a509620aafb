import HiredisClient
public import Modeler
import RESP

extension RedisCollection: ScannableCollection {
    /// One step through all that the collection holds: a SCAN of the whole database, of which the collection's own keys
    /// are kept, and a look whether what has a record's key is one. Needs no listing index. In a Redis Cluster a scan
    /// goes through the keys of the node that it asks.
    public func scan(after cursor: PageCursor?, limit: Int) async throws(ModelError) -> ScanStep {
        try ScanCursor.check(limit: limit)
        let place = cursor?.rawValue ?? "0"
        guard UInt64(place) != nil else { throw ScanCursor.foreign }
        let found = try await scanKeys(place, count: limit)
        let ids = found.keys.compactMap(keys.id(ofRecord:))
        let isThere = try await areThere(ids)
        return ScanStep(
            ids: zip(ids, isThere).filter(\.1).map(\.0),
            owners: found.keys.compactMap(keys.owner(ofKey:)),
            next: found.next == "0" ? nil : PageCursor(rawValue: found.next)
        )
    }

    /// One step through the keys of the database: those of this collection and a few others, and where the next step
    /// begins, `0` at the end.
    func scanKeys(_ cursor: String, count: Int) async throws(ModelError) -> (keys: [String], next: String) {
        let request = RESPRequest.command("SCAN", cursor, "MATCH", keys.recordPattern, "COUNT", String(count))
        let replies: RESPReplies
        do {
            replies = try await client.send(request, retry: .always)
        } catch {
            throw ModelError(redis: error)
        }
        let reply = replies.reply
        guard reply.kind == .array, reply.count == 2, let next = reply[0].string, reply[1].kind == .array else {
            throw foreignReply(replies)
        }
        return (reply[1].elements.compactMap(\.string), next)
    }
}
