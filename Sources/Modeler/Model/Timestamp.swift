public import FoundationEssentials

/// An instant on a store's clock: milliseconds since 1970-01-01 00:00 UTC.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public var milliseconds: Int64

    /// An instant from milliseconds since 1970-01-01 00:00 UTC.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// An instant from a date, to the millisecond; the nearest instant there is, where the date lies beyond.
    public init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        self.milliseconds = Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max)
    }

    /// The instant as a `Date`.
    public var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.milliseconds < rhs.milliseconds }

    /// The instant a duration later, in whole milliseconds; the first or the last instant there is, where the sum lies
    /// beyond.
    public static func + (instant: Timestamp, duration: Duration) -> Timestamp {
        let (sum, overflow) = instant.milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? (instant.milliseconds < 0 ? .min : .max) : sum)
    }

    /// The instant a duration earlier, in whole milliseconds; the first or the last instant there is, where the
    /// difference lies beyond.
    public static func - (instant: Timestamp, duration: Duration) -> Timestamp {
        let (difference, overflow) = instant.milliseconds.subtractingReportingOverflow(duration.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? (instant.milliseconds < 0 ? .min : .max) : difference)
    }

    /// The time from `rhs` to `lhs`.
    public static func - (lhs: Timestamp, rhs: Timestamp) -> Duration {
        .milliseconds(lhs.milliseconds) - .milliseconds(rhs.milliseconds)
    }

    public var description: String {
        date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted)
        )
    }
}

extension Duration {
    /// The duration in milliseconds, fractions dropped; the nearest representable number where it has too many.
    package var wholeMilliseconds: Int64 {
        // In one division; `components` takes two, and four times as long.
        Int64(clamping: attoseconds / 1_000_000_000_000_000)
    }
}
