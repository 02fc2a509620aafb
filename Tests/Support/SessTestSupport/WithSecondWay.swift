import HiredisClient
public import Modeler
import ModelerRedis
import ModelerSQLite
import RedisTestServer

/// Runs `body` with a collection of its own on the same sessions, as another server of the site has one: another
/// connection to Redis, or to the file. Memory has one collection.
public func withSecondWay<Result>(
    to store: TestStore, _ body: (any ModelCollection) async throws -> Result
) async throws -> Result {
    if let server = store.server {
        let client = try RedisClient(configuration: patientConfiguration(of: server))
        do {
            let sessions = try RedisCollection(client: client, prefix: StoreKind.prefix, name: "sessions")
            let result = try await body(sessions)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown()
            throw error
        }
    }
    guard let directory = store.directory else { return try await body(store.sessions) }
    let collection = try SQLiteCollection(
        path: directory + "/sessions.sqlite", name: "sessions", settings: patientSettings)
    do {
        let result = try await body(collection)
        await collection.file.close()
        return result
    } catch {
        await collection.file.close()
        throw error
    }
}
