import Foundation

/// The resident memory of this process over time.
struct ResidentMemory {
    /// Seconds and MiB.
    private(set) var samples: [(time: Double, size: Double)] = []

    /// Adds the size of now; nothing where the system doesn't tell it.
    mutating func sample(at time: Double) {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
        else { return }
        samples.append((time, kibibytes / 1_024))
    }

    /// MiB in 10 minutes, by least squares over the second half; `nil` for fewer than three samples there.
    var slope: Double? {
        let half = samples.suffix((samples.count + 1) / 2)
        guard half.count > 2 else { return nil }
        let count = Double(half.count)
        let meanTime = half.reduce(0) { $0 + $1.time } / count
        let meanSize = half.reduce(0) { $0 + $1.size } / count
        let spread = half.reduce(0) { $0 + ($1.time - meanTime) * ($1.time - meanTime) }
        guard spread > 0 else { return nil }
        return half.reduce(0) { $0 + ($1.time - meanTime) * ($1.size - meanSize) } / spread * 600
    }
}
