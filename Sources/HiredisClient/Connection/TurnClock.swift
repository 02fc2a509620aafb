import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The time of an event loop's turn. Commands that are submitted in a burst share one reading of the clock; where the
/// turn's jobs compute in between, each has its own.
///
/// A reading of the coarse clock costs a quarter of one of the exact clock, and tells whether time has passed to within
/// some milliseconds.
struct TurnClock {
    private var reading: UInt64 = 0
    private var tick: UInt64 = 0

    /// The time now, to within a tick of the coarse clock, until ``forget()``.
    ///
    /// - Returns: The time, and whether it has passed since an earlier reading of this turn.
    mutating func now() -> (time: UInt64, hasPassed: Bool) {
        guard let current = Self.coarse else { return (Self.exact, false) }
        if reading != 0, tick == current { return (reading, false) }
        let hasPassed = reading != 0
        tick = current
        reading = Self.exact
        return (reading, hasPassed)
    }

    /// The turn is over.
    mutating func forget() { reading = 0 }

    private static var exact: UInt64 { NIODeadline.now().uptimeNanoseconds }

    private static var coarse: UInt64? {
        #if canImport(Glibc) || canImport(Musl)
        var time = timespec()
        guard clock_gettime(CLOCK_MONOTONIC_COARSE, &time) == 0 else { return nil }
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
        #else
        return nil
        #endif
    }
}
