extension ConfigurationForm where Value == Duration {
    /// A whole number and its unit. A bare number is refused: it could be of seconds or of milliseconds.
    package static func duration(_ range: ClosedRange<Duration>) -> Self {
        let bounds = "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return ConfigurationForm("a duration with its unit (ms, s, m, h, d), \(bounds)") { text in
            guard let duration = DurationText.duration(text), range.contains(duration) else { return nil }
            return duration
        } render: {
            DurationText.text($0)
        }
    }
}

/// Durations as texts: a whole number and a unit.
enum DurationText {
    /// The units with their milliseconds, the longest first.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[digits.endIndex...]
        guard let number = Int64(digits), let scale = units.first(where: { $0.name == unit })?.milliseconds else {
            return nil
        }
        let (milliseconds, overflows) = number.multipliedReportingOverflow(by: scale)
        return overflows ? nil : .milliseconds(milliseconds)
    }

    /// In the largest unit of which it is a whole number. Less than a millisecond is left out.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0s" }
        let unit = units.first { milliseconds % $0.milliseconds == 0 } ?? ("ms", 1)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
