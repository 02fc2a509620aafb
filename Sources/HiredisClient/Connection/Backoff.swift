/// When to try again after a connection was lost or not made, in nanoseconds.
///
/// The first wait is anywhere from zero, so that clients which lose their server together don't come back together: of
/// 200, in no 50 ms more than a fifth. Later ones double, keep a floor of half, and so allow at most three attempts in
/// a first second.
struct Backoff {
    var first: UInt64 = 450_000_000
    var longest: UInt64 = 900_000_000

    func delay(attempt: Int, using generator: inout some RandomNumberGenerator) -> UInt64 {
        guard attempt > 0 else { return UInt64.random(in: 0...first, using: &generator) }
        let ceiling = min(longest, first << UInt64(min(attempt, 16)))
        return UInt64.random(in: ceiling / 2...ceiling, using: &generator)
    }
}
