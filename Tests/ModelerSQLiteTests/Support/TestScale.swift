import Foundation

/// How much longer than in an everyday run the long tests are: `SESS_TEST_SCALE`, 1 when it isn't set.
enum TestScale {
    private static let factor = ProcessInfo.processInfo.environment["SESS_TEST_SCALE"].flatMap(Int.init) ?? 1

    /// `count` in an everyday run, and up to `full` in a scaled one.
    static func count(_ count: Int, full: Int) -> Int { max(count, min(full, count * factor)) }
}
