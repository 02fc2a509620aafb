import GRDB
import Modeler

/// Serves reads, one after the other. They see the file as of the last write that was committed before they began.
struct ReadService: Sendable {
    let watch: FileWatch

    func serve(_ lane: Lane, _ db: Database) {
        while lane.hasWork() {
            for work in lane.take(1) {
                do {
                    try watch.checkNowAndThen(db)
                    try work.run(db)
                    work.deliver()
                } catch {
                    let error = ModelError(sqlite: error)
                    watch.note(error)
                    work.fail(error)
                }
            }
        }
    }
}
