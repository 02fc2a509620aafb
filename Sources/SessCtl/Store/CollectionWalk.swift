import Modeler
import Synchronization
import UnixSignals

/// A walk through all sessions in small steps, with pauses in which the store serves others. SIGINT ends it between two
/// steps, so that it can be resumed.
struct CollectionWalk {
    let store: OperatedStore
    /// Where a walk that was interrupted has left off.
    var start: String?
    /// The ids that a step looks at.
    var width = 200
    /// The time between two steps.
    var pause = Duration.milliseconds(1)

    /// Goes on until the end or a SIGINT.
    ///
    /// - Parameter body: Gets each step.
    /// - Returns: Where to resume; `nil` at the end.
    func run(_ body: (ScanStep) async throws -> Void) async throws -> String? {
        try await Interrupt.watching { interrupt in
            var cursor = start.map { PageCursor(rawValue: $0) }
            repeat {
                let step = try await store.collection.scan(after: cursor, limit: width)
                try await body(step)
                cursor = step.next
                if interrupt.hasCome { break }
                if cursor != nil { try await Task.sleep(for: pause) }
            } while cursor != nil
            return cursor?.rawValue
        }
    }
}

/// Whether SIGINT has come.
final class Interrupt: Sendable {
    private let flag = Atomic(false)

    var hasCome: Bool { flag.load(ordering: .relaxed) }

    /// Runs a body during which SIGINT only sets the flag. A second one ends the process.
    static func watching<Result>(_ body: (Interrupt) async throws -> Result) async throws -> Result {
        let interrupt = Interrupt()
        let task = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint) {
                if interrupt.flag.exchange(true, ordering: .relaxed) { Terminal.exit(130) }
                Terminal.note("interrupted; finishing the step")
            }
        }
        defer { task.cancel() }
        return try await body(interrupt)
    }
}
