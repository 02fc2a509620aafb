import GRDB
import Modeler

/// Serves writes. Those that wait at the same moment share one transaction, and so one confirmation by the disk; each
/// is applied whole or not at all, in the order in which they came, and answered only after the transaction is
/// committed.
struct WriteService: Sendable {
    /// The most writes of one transaction.
    static let batch = 64

    let watch: FileWatch
    /// What every transaction does beside its writes, given their number.
    let upkeep: @Sendable (Database, Int) throws -> Void

    func serve(_ lane: Lane, _ db: Database) {
        while lane.hasWork() {
            do {
                try db.beginTransaction(.immediate)
            } catch  where error.isBusy {
                continue  // Another process writes. The lane's timer ends the wait of whoever waits too long.
            } catch {
                let error = ModelError(sqlite: error)
                watch.note(error)
                lane.failWaiting(error)
                continue
            }
            // Taken only now, so that whatever came while the lock was awaited is in the transaction too, and whoever
            // gave up until now is known to have written nothing.
            let works = lane.take(Self.batch)
            do {
                try commit(works, db)
            } catch let failure {
                if works.count == 1 || failure.isOfAll {
                    for work in works { work.fail(failure.error) }
                } else {
                    for work in works { commitAlone(work, db) }
                }
            }
        }
    }

    /// Why a transaction was not committed.
    private struct Failure: Error {
        var error: ModelError
        /// Whether it failed as a whole, and not at one of its writes.
        var isOfAll: Bool
    }

    /// Does the works in the transaction that has begun, commits it, and answers.
    private func commit(_ works: [any LaneWork], _ db: Database) throws(Failure) {
        do {
            try watch.check(db)
        } catch {
            throw failure(ModelError(sqlite: error), db, isOfAll: true)
        }
        do {
            for work in works { try work.run(db) }
            try upkeep(db, works.count)
        } catch {
            throw failure(ModelError(sqlite: error), db, isOfAll: false)
        }
        do {
            try db.commit()
        } catch {
            throw failure(Self.commitError(error), db, isOfAll: true)
        }
        do {
            try watch.checkPlace()
        } catch {
            // What was committed may be in a file that is nobody's any more.
            throw Failure(error: ModelError(.outcomeUnknown, error.message, underlying: error), isOfAll: true)
        }
        for work in works { work.deliver() }
    }

    /// Does a write of a transaction that failed once more, in one of its own, so that only the culprit fails.
    private func commitAlone(_ work: any LaneWork, _ db: Database) {
        // Whoever has its answer meanwhile, as its time was over, is not written late.
        while !work.isOver {
            do {
                try db.beginTransaction(.immediate)
            } catch  where error.isBusy {
                continue  // Another process writes. The lane's timer ends the wait.
            } catch {
                return work.fail(ModelError(sqlite: error))
            }
            do {
                return try commit([work], db)
            } catch {
                return work.fail(error.error)
            }
        }
    }

    /// A failure, after its transaction was taken back.
    private func failure(_ error: ModelError, _ db: Database, isOfAll: Bool) -> Failure {
        watch.note(error)
        if db.isInsideTransaction { try? db.rollback() }
        return Failure(error: error, isOfAll: isOfAll)
    }

    /// A disk that failed to confirm may have kept the write all the same.
    private static func commitError(_ error: any Error) -> ModelError {
        let known = ModelError(sqlite: error)
        guard known.code == .unavailable, !error.isBusy else { return known }
        return ModelError(.outcomeUnknown, known.message, underlying: error)
    }
}
