import NIOCore
import NIOPosix
import Synchronization

/// When the shared event loops stood still, on a machine that is busy with something else: what was due then came late.
final class Heartbeat: Sendable {
    private struct State {
        var stalls: [Range<ContinuousClock.Instant>] = []
        var last: [ObjectIdentifier: ContinuousClock.Instant] = [:]
    }

    private let state = Mutex(State())
    private let tasks = Mutex<[RepeatedTask]>([])

    init() {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let task = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(10)) { [self] _ in
                beat(on: loop)
            }
            tasks.withLock { $0.append(task) }
        }
    }

    private func beat(on loop: any EventLoop) {
        let now = ContinuousClock.now
        state.withLock { state in
            if let last = state.last.updateValue(now, forKey: ObjectIdentifier(loop)), now - last > .milliseconds(60) {
                state.stalls.append(last..<now)
            }
        }
    }

    /// Whether a loop stood still within a time, or shortly before.
    func stoodStill(_ time: ClosedRange<ContinuousClock.Instant>) -> Bool {
        state.withLock { state in
            state.stalls.contains { time.overlaps($0.lowerBound...($0.upperBound + .milliseconds(60))) }
        }
    }

    func stop() {
        for task in tasks.withLock({ $0 }) { task.cancel() }
    }
}
