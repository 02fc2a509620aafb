import GRDB
import Modeler

/// Work that waits for its turn on a connection.
protocol LaneWork: AnyObject, Sendable {
    /// When the work is given up.
    var deadline: ContinuousClock.Instant { get }

    /// Whether the caller has its answer.
    var isOver: Bool { get }

    /// Takes the work up: from here on giving it up leaves its outcome open. `false` when it was given up before.
    func start() -> Bool

    /// Does the work and keeps what came of it. May be called again, after a rollback.
    ///
    /// - Throws: What SQLite throws. That the work itself refuses something is an answer.
    func run(_ db: Database) throws

    /// Hands the caller what came of the work.
    func deliver()

    /// Hands the caller an error, unless it has its answer.
    func fail(_ error: ModelError)

    /// Gives the work up, because its time is over.
    func expire()
}
