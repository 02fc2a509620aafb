/// Latencies in nanoseconds, in buckets of 1/32 of their power of two.
struct Histogram: Sendable {
    private var counts = [UInt32](repeating: 0, count: 40 * 32)
    private var total = 0

    mutating func add(_ value: UInt64) {
        total += 1
        guard value >= 32 else {
            counts[Int(value)] += 1
            return
        }
        let power = 63 - value.leadingZeroBitCount
        counts[min((power - 4) * 32 + Int(value >> UInt64(power - 5) & 31), counts.count - 1)] += 1
    }

    mutating func add(_ other: Histogram) {
        total += other.total
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// The value that a share of all is not above.
    func value(at share: Double) -> UInt64 {
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += Int(count)
            guard Double(seen) >= share * Double(total) else { continue }
            return index < 32 ? UInt64(index) : UInt64(32 + index % 32) << UInt64(index / 32 - 1)
        }
        return 0
    }
}
