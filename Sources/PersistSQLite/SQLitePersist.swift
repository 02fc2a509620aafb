import FoundationEssentials
import GRDB
public import Hummingbird
import ServiceLifecycle

/// Hummingbird's storage of keys and values, in a SQLite file of its own.
///
/// ```swift
/// let persist = try SQLitePersist(path: "persist.sqlite")
/// app.addServices(persist)
/// ```
///
/// Several processes on one machine may use a file at once. A write is on the disk when it returns. The work with the
/// disk happens on dispatch queues, none on Swift's thread pool. As a service it sweeps expired values out of the
/// file; without, they aren't found any more but stay in it. Safe to use from any number of tasks.
public struct SQLitePersist: PersistDriver {
    let file: PersistFile
    private let tidyInterval: Duration

    /// Opens a file; makes it where there is none. The calling thread waits for the disk.
    ///
    /// - Parameters:
    ///   - path: Where the file is. Its directory must be there and writable.
    ///   - tidyInterval: The time from one sweep of expired values to the next.
    ///   - now: The clock by which values expire, as milliseconds since 1970; `nil` is that of the system.
    /// - Throws: `SQLitePersistError` for another program's file; GRDB's `DatabaseError`.
    public init(
        path: String, tidyInterval: Duration = .seconds(600), now: (@Sendable () -> Int64)? = nil
    ) throws {
        file = try PersistFile(path: path, now: now ?? { Int64(Date().timeIntervalSince1970 * 1000) })
        self.tidyInterval = tidyInterval
    }

    /// Stores a value under a key that has none.
    ///
    /// - Throws: `PersistError.duplicate` where the key has a value; GRDB's `DatabaseError`.
    public func create<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let isNew = try await file.insert(key, try JSONEncoder().encode(value), lifetime: expires)
        guard isNew else { throw PersistError.duplicate }
    }

    /// Stores a value. Without an expiry of its own it keeps that of the value before.
    ///
    /// - Throws: GRDB's `DatabaseError`.
    public func set<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        try await file.set(key, try JSONEncoder().encode(value), lifetime: expires)
    }

    /// Returns the value of a key; `nil` where there is none.
    ///
    /// - Throws: `PersistError.invalidConversion` where it is of another type; GRDB's `DatabaseError`.
    public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
        try await getWithTTL(key: key, as: type)?.object
    }

    /// Returns the value of a key and how long it lives on; a time of `nil` is for ever.
    ///
    /// - Throws: `PersistError.invalidConversion` where it is of another type; GRDB's `DatabaseError`.
    public func getWithTTL<Object: Codable & Sendable>(
        key: String, as type: Object.Type
    ) async throws -> (object: Object, ttl: Duration?)? {
        guard let entry = try await file.entry(key) else { return nil }
        do {
            let object = try JSONDecoder().decode(type, from: entry.value)
            return (object, entry.rest.map { .milliseconds($0) })
        } catch is DecodingError {
            throw PersistError.invalidConversion
        }
    }

    /// Removes the value of a key, if it has one.
    ///
    /// - Throws: GRDB's `DatabaseError`.
    public func remove(key: String) async throws {
        try await file.remove(key)
    }

    /// Sweeps expired values until the service group shuts down, and closes the file.
    public func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                // A file that is locked or full now may not be so at the next sweep.
                try? await file.sweep()
                try await Task.sleep(for: tidyInterval)
            }
        }
        try await shutdown()
    }

    /// Closes the file. Later operations fail.
    public func shutdown() async throws {
        try file.close()
    }
}
