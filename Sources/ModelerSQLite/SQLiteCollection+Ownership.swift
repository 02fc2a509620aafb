import GRDB
public import Modeler

extension SQLiteCollection: OwnerIndexCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await file.read { [owners] db, now in
            // One transaction, so that places and epoch are of one state of the file.
            var known = Ownership()
            try db.inTransaction(.deferred) {
                known = try owners.index(of: owner, db, now: now).ownership
                return .commit
            }
            return known
        }
    }

    public func withOwnerIndex<Result: Sendable>(
        of owner: OwnerID,
        _ body: @escaping @Sendable (inout OwnerIndex, _ now: Timestamp) -> Result
    ) async throws(ModelError) -> Result {
        try await file.write { [owners] db, now in
            let result = try owners.change(owner, db, now: now) { body(&$0, now) }
            try Sweeper.sweepOwners(db, now: now, limit: Sweeper.modelsPerWrite)
            return result
        }
    }
}
