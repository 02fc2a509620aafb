package import NIOCore
import Synchronization

/// Runs tasks on an event loop, so that they share its thread with the connections that live there.
///
/// Jobs that are added on the loop itself cost no lock and no system call. They run in turns: what a turn adds waits
/// for the next, so that the loop gets to its channels in between.
package final class EventLoopTaskExecutor: TaskExecutor {
    private struct Arrivals {
        var jobs: [UnownedJob] = []
        var isWakeUnderway = false
    }

    /// Jobs added on the loop. Used there only.
    private final class Turn {
        var jobs: [UnownedJob] = []
        var spare: [UnownedJob] = []
        var isScheduled = false
        /// How many turns have followed each other, each with jobs that the one before had added.
        var inRow = 0
    }

    private let eventLoop: any EventLoop
    private let arrivals = Mutex(Arrivals())
    private let turn: NIOLoopBoundBox<Turn>

    package init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        turn = NIOLoopBoundBox.makeBoxSendingValue(Turn(), eventLoop: eventLoop)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard eventLoop.inEventLoop else { return enqueueFromElsewhere(job) }
        let turn = turn.value
        turn.jobs.append(job)
        schedule(turn)
    }

    private func schedule(_ turn: Turn) {
        guard !turn.isScheduled else { return }
        turn.isScheduled = true
        if turn.inRow < Self.turnsInRow {
            eventLoop.execute { self.runTurn() }
        } else {
            // An event loop runs what is executed until nothing is left, and only then looks at its channels. It does
            // so as well when all that is left is for later.
            turn.inRow = 0
            eventLoop.scheduleTask(in: Self.pause) { self.runTurn() }
        }
    }

    /// How many turns may follow each other before the channels have theirs.
    private static let turnsInRow = 16

    /// Longer than the loop takes to see that nothing is due.
    private static let pause = TimeAmount.microseconds(20)

    private func runTurn() {
        let turn = turn.value
        turn.isScheduled = false
        let jobs = turn.jobs
        turn.jobs = turn.spare
        turn.spare = []
        turn.inRow += 1
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        if turn.jobs.isEmpty { turn.inRow = 0 }
        turn.spare = recycled(jobs)
    }

    private func enqueueFromElsewhere(_ job: UnownedJob) {
        let mustWake = arrivals.withLock { arrivals in
            arrivals.jobs.append(job)
            defer { arrivals.isWakeUnderway = true }
            return !arrivals.isWakeUnderway
        }
        if mustWake { eventLoop.execute { self.runArrivals() } }
    }

    private func runArrivals() {
        let jobs = arrivals.withLock { arrivals in
            arrivals.isWakeUnderway = false
            defer { arrivals.jobs = [] }
            return arrivals.jobs
        }
        for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }

    /// The storage of jobs that have run, for later ones.
    private func recycled(_ jobs: consuming [UnownedJob]) -> [UnownedJob] {
        jobs.removeAll(keepingCapacity: true)
        return jobs
    }
}
