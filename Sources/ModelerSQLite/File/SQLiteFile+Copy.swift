import Dispatch
import FoundationEssentials
import GRDB
public import Modeler

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension SQLiteFile {
    /// Makes a copy of the file as of one moment, while others read and write it. It has all that was acknowledged
    /// before, and can be read and written by its owner alone. It is looked at before this returns.
    ///
    /// - Parameter copy: Where the copy shall be; there must be no file yet.
    /// - Throws: `ModelError/Code/misconfigured` where there is one or none can be made, `ModelError/Code/damaged`
    ///   where the copy isn't whole, `ModelError/Code/full` where the disk has no room.
    public func copy(to copy: String) async throws(ModelError) {
        let path = path
        try await Self.offPool { () throws(ModelError) in
            try Self.makeEmpty(copy)
            do {
                let source = try DatabaseQueue(path: path)
                defer { try? source.close() }
                try source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
                try Self.checkCopy(copy)
            } catch {
                unlink(copy)
                throw ModelError(sqlite: error)
            }
        }
    }

    /// Puts a copy in the place of a file that nobody has open. The copy is looked at first; the former file is set
    /// aside beside it, with the log folded in.
    ///
    /// - Parameters:
    ///   - copy: The copy. It stays.
    ///   - path: Where the file is, or shall be.
    /// - Returns: Where the former file is now; `nil` where there was none.
    /// - Throws: `ModelError/Code/damaged` and `ModelError/Code/misconfigured` for a copy that is none;
    ///   `ModelError/Code/unavailable` where a process has the file open. Nothing has changed then.
    @discardableResult
    public static func restore(from copy: String, to path: String) async throws(ModelError) -> String? {
        try await offPool { () throws(ModelError) in
            do {
                guard access(copy, R_OK) == 0 else {
                    throw ModelError(.misconfigured, "\(copy) can't be read; give the path of a copy")
                }
                try checkCopy(copy)
                let isThere = access(path, F_OK) == 0
                if isThere { try foldLog(path) }
                let fresh = path + ".restoring"
                unlink(fresh)
                try makeEmpty(fresh)
                let source = try DatabaseQueue(path: copy, configuration: readOnly)
                defer { try? source.close() }
                try source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [fresh]) }
                let former = "\(path).before-\(Timestamp(Date()).milliseconds)"
                if isThere, rename(path, former) != 0 { throw refusal("\(path) can't be moved") }
                guard rename(fresh, path) == 0 else { throw refusal("\(path) can't be written") }
                return isThere ? former : nil
            } catch {
                throw ModelError(sqlite: error)
            }
        }
    }

    private static var readOnly: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        return configuration
    }

    /// Folds the log into a file and ends its being shared, which SQLite refuses while another process has it open.
    private static func foldLog(_ path: String) throws {
        let file = try DatabaseQueue(path: path)
        defer { try? file.close() }
        let mode = try file.writeWithoutTransaction { db in
            do {
                return try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
            } catch  where error.isBusy {
                return nil
            }
        }
        guard mode == "delete" else {
            throw ModelError(.unavailable, "a process has \(path) open; end all that use it before you restore a copy")
        }
    }

    /// Makes an empty file for its owner alone, which SQLite then fills.
    private static func makeEmpty(_ path: String) throws(ModelError) {
        let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw refusal("\(path) can't be made, or is there already") }
        closeDescriptor(descriptor)
    }

    private static func checkCopy(_ path: String) throws {
        let copy = try DatabaseQueue(path: path, configuration: readOnly)
        defer { try? copy.close() }
        try copy.writeWithoutTransaction { db in
            _ = try Schema.check(db)
            guard try Int64.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID else {
                throw ModelError(.misconfigured, "\(path) is no copy of a file of this library")
            }
            let problem = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
            guard problem == "ok" else { throw ModelError(.damaged, "\(path) isn't whole (\(problem ?? "no answer"))") }
        }
    }

    private static func refusal(_ message: String) -> ModelError {
        ModelError(.misconfigured, "\(message): \(String(cString: strerror(errno)))")
    }

    /// Runs work with the disk on a queue that waits for no task.
    private static func offPool<Value: Sendable>(
        _ body: @escaping @Sendable () throws(ModelError) -> Value
    ) async throws(ModelError) -> Value {
        let result: Result<Value, ModelError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(ModelError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

/// `close(2)`, whose name a method of the file has too.
private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
