/// The clock of histories: it counts nanoseconds, never goes back, and is the same in a whole process.
package enum HistoryClock {
    private static let origin = ContinuousClock.now

    /// Never inlined: Swift 6.3.1 crashes when it optimizes an asynchronous function that keeps the 128-bit integer of
    /// a duration's arithmetic across a suspension.
    @inline(never)
    package static func now() -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
