public import Modeler

/// A clock that stands still until a test moves it. Safe to use from any task.
public final class ManualClock: Sendable {
    private let milliseconds: Guarded<Int64>

    /// A clock that shows this instant.
    public init(_ start: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)) {
        milliseconds = Guarded(start.milliseconds)
    }

    /// What the clock shows.
    public var now: Timestamp {
        Timestamp(milliseconds: milliseconds.withLock { $0 })
    }

    /// Moves the clock on, in whole milliseconds.
    public func advance(by duration: Duration) {
        milliseconds.withLock { $0 = (Timestamp(milliseconds: $0) + duration).milliseconds }
    }

    /// Turns the clock back, in whole milliseconds.
    public func turnBack(by duration: Duration) {
        milliseconds.withLock { $0 = (Timestamp(milliseconds: $0) - duration).milliseconds }
    }
}

extension CollectionUnderTest {
    /// The collection in memory, with a clock that only the test moves.
    public static func memory(
        limits: MemoryCollection.Limits = MemoryCollection.Limits(maximumBytesPerModel: 2 * 1024 * 1024)
    ) -> CollectionUnderTest {
        let clock = ManualClock()
        return CollectionUnderTest(
            isClockManual: true,
            timeUnit: .seconds(1),
            make: { MemoryCollection(hooks: $0, limits: limits, now: { clock.now }) },
            letTimePass: { clock.advance(by: $0) },
            turnClockBack: { clock.turnBack(by: $0) }
        )
    }
}
