import Modeler
import ModelerSQLite

/// The checks of a SQLite file.
struct SQLiteDoctor {
    let file: SQLiteFile
    let store: OperatedStore
    let sample: Int

    func findings() async -> [Finding] {
        [await health(), permissions(), size(), await DeadlineCheck(store: store, sample: sample).finding()]
    }

    private func health() async -> Finding {
        do {
            try await file.check()
            return Finding("health", .ok, "it can be read and written")
        } catch {
            return Finding("health", .failure, "\(error)")
        }
    }

    private func permissions() -> Finding {
        guard let mode = FileStatus(file.path)?.permissions else {
            return Finding("permissions", .unknown, "they can't be read")
        }
        guard mode & 0o077 == 0 else {
            return Finding("permissions", .warning, "others than its owner may use it; chmod 600 is right")
        }
        return Finding("permissions", .ok, "for its owner alone")
    }

    private func size() -> Finding {
        let (bytes, log) = (FileStatus(file.path)?.bytes ?? 0, FileStatus(file.path + "-wal")?.bytes ?? 0)
        guard log <= max(64 << 20, bytes) else {
            return Finding(
                "size", .warning,
                "the log has \(log) bytes, the file \(bytes); a reader keeps a transaction open, perhaps")
        }
        return Finding("size", .ok, "\(bytes) bytes, and \(log) of the log")
    }
}
