import GRDB
import Modeler

/// Serves reads, one after the other. They see the file as of the last write that was committed before they began.
enum ReadService {
    static func serve(_ lane: Lane, _ db: Database) {
        while lane.hasWork() {
            for work in lane.take(1) {
                do {
                    try work.run(db)
                    work.deliver()
                } catch {
                    work.fail(ModelError(sqlite: error))
                }
            }
        }
    }
}
