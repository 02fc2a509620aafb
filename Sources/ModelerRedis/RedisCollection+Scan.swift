import HiredisClient
public import Modeler
import RESP

extension RedisCollection: ScannableCollection {
    /// One step through all that the collection holds: a SCAN of the whole database, of which the collection's own keys
    /// are kept, and a look whether what has a record's key is one. Needs no listing index. In a Redis Cluster it goes
    /// through the keys of one master after the other, and begins anew when slots turn out to have moved; what is in a
    /// slot that is just being moved may be missed.
    public func scan(after cursor: PageCursor?, limit: Int) async throws(ModelError) -> ScanStep {
        try ScanCursor.check(limit: limit)
        guard let position = client.scanPosition(cursor?.rawValue) else { throw ScanCursor.foreign }
        let found = try await scanKeys(position, count: limit)
        let ids = found.keys.compactMap(keys.id(ofRecord:))
        let isThere = try await areThere(ids)
        return ScanStep(
            ids: zip(ids, isThere).filter(\.1).map(\.0),
            owners: found.keys.compactMap(keys.owner(ofKey:)),
            next: found.next.map { PageCursor(rawValue: $0.text) }
        )
    }

    /// One step through the keys of the database: those of this collection and a few others, and where the next step
    /// begins, `nil` at the end.
    func scanKeys(
        _ position: ScanPosition, count: Int
    ) async throws(ModelError) -> (keys: [String], next: ScanPosition?) {
        do {
            return try await client.scan(after: position, matching: keys.recordPattern, count: count)
        } catch {
            throw ModelError(reading: error)
        }
    }
}
