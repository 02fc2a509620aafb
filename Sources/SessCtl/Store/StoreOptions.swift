import ArgumentParser
import Configuration
import FoundationEssentials
import HiredisClient
import HiredisClientConfiguration
import ModelerRedis
import ModelerSQLite
import ModelerSQLiteConfiguration
import Sess
import SessConfiguration

/// Where sessions are.
struct StoreOptions: ParsableArguments {
    @Option(help: "Where sessions are: sqlite:PATH, or a URL of Redis without a password. (default: the environment)")
    var store: String?

    @Option(help: "What Redis's keys begin with.")
    var prefix = ""

    @Option(help: "The collection's name.")
    var name = "sessions"

    /// Opens the store. A SQLite file has to be there.
    func open() throws -> OperatedStore {
        let config = ConfigReader(provider: EnvironmentVariablesProvider())
        let options = try SessionOptions(config: config)
        if let store, store.hasPrefix(Self.sqlitePrefix) {
            let path = String(store.dropFirst(Self.sqlitePrefix.count))
            guard FileManager.default.fileExists(atPath: path) else { throw Failure("there is no file \(path)") }
            let file = try SQLiteFile(path: path, settings: SQLiteSettings(config: config))
            let collection = try SQLiteCollection(file: file, name: name)
            return OperatedStore(
                place: "sqlite:\(path)", backend: .sqlite(file), collection: collection,
                manager: try SessionManager(sessions: collection, options: options))
        }
        let configuration = try redis(config)
        let client = try RedisClient(configuration: configuration)
        let collection = try RedisCollection(client: client, prefix: prefix, name: name)
        return OperatedStore(
            place: "\(configuration)", backend: .redis(client), collection: collection,
            manager: try SessionManager(sessions: collection, options: options))
    }

    private func redis(_ config: ConfigReader) throws -> RedisConfiguration {
        guard let store else { return try RedisConfiguration(config: config) }
        let configuration = try RedisConfiguration(url: store)
        guard configuration.password == nil else {
            throw Failure("a password in --store is seen by all who list processes; give the URL as REDIS_URL")
        }
        return configuration
    }

    static let sqlitePrefix = "sqlite:"
}
