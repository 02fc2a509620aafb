import Foundation
import GRDB
import Modeler

@testable import ModelerSQLite

/// A directory that is gone after the test.
struct TestDirectory: Sendable {
    let path: String

    var file: String { path + "/models.sqlite" }

    /// Opens the directory's file; by default with writes that only a crash of the process has to spare.
    func open(
        _ settings: SQLiteSettings = SQLiteSettings(durability: .normal, timeout: .seconds(60)),
        now: (@Sendable () -> Timestamp)? = nil
    ) throws -> SQLiteCollection {
        try SQLiteCollection(path: file, settings: settings, now: now)
    }
}

/// Runs `body` with a directory of its own.
func withDirectory<Result>(_ body: (TestDirectory) async throws -> Result) async throws -> Result {
    let path = NSTemporaryDirectory() + "/sqlite-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(TestDirectory(path: path))
}

extension EncodedJSON {
    /// JSON that the test has written itself.
    init(text: String) {
        self.init(unchecked: Array(text.utf8)[...])
    }
}

extension SQLiteCollection {
    /// Inserts a model that must not be there.
    @discardableResult
    func add(_ id: ModelID, _ text: String = "1", expiry: Expiry = .never) async throws -> Commit {
        let model = NewModel(id: id, fields: [("n", EncodedJSON(text: text))])
        guard case .inserted(let commit) = try await insert(model, expiry: expiry) else {
            throw ModelError(.storeRefused, "the id is taken")
        }
        return commit
    }

    /// Increments a field of a model that must be there.
    @discardableResult
    func increment(_ id: ModelID) async throws -> Commit {
        guard case .committed(let commit) = try await commit(Change([.init("n", .increment(by: 1))]), to: id) else {
            throw ModelError(.storeRefused, "the model is not there")
        }
        return commit
    }

    /// The rows of models in the file, expired ones included.
    func rowCount() async throws -> Int {
        try await file.read { db, _ in try Int.fetchOne(db, sql: "SELECT count(*) FROM model") ?? 0 }
    }
}
