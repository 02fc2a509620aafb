import ModelerSQLite
import ServiceLifecycle

/// Closes a SQLite file once the server has stopped.
struct SQLiteFileService: Service {
    let file: SQLiteFile

    func run() async {
        try? await gracefulShutdown()
        await file.close()
    }
}
