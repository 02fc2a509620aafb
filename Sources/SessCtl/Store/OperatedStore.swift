import HiredisClient
import Modeler
import ModelerSQLite
import Sess

/// An open store, and a manager of its sessions.
struct OperatedStore: Sendable {
    enum Backend: Sendable {
        case redis(RedisClient)
        case sqlite(SQLiteFile)
    }

    /// Where it is, without a password.
    let place: String
    let backend: Backend
    /// The sessions as they are stored: sealed ones stay so.
    let collection: any ScannableCollection & OwnershipCollection
    let manager: SessionManager

    func close() async {
        switch backend {
        case .redis(let client): await client.shutdown()
        case .sqlite(let file): await file.close()
        }
    }

    /// The session of an id; `nil` where there is none.
    func model(_ id: ModelID) async throws -> Model? { try await manager.sessions.fetch(id) }
}

extension StoreOptions {
    /// Runs a command on the store, closes it, and tells errors as all commands do.
    func use<Result: Sendable>(_ body: (OperatedStore) async throws -> Result) async throws -> Result {
        try await Failure.told {
            let store = try open()
            do {
                let result = try await body(store)
                await store.close()
                return result
            } catch {
                await store.close()
                throw error
            }
        }
    }
}
