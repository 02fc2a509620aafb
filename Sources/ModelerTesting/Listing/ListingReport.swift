import FoundationEssentials

/// What listing many models took.
public struct ListingReport: Sendable, CustomStringConvertible {
    /// One way through the listing.
    public struct Run: Sendable {
        private var pages: [Double] = []
        private let memoryBefore: Int
        /// The bytes of memory by which the process grew at most.
        public private(set) var growth = 0

        init(memoryBefore: Int) {
            self.memoryBefore = memoryBefore
        }

        /// Notes how long a page took.
        mutating func add(page: Duration) {
            pages.append(Self.milliseconds(page))
        }

        mutating func note(memory: Int) {
            growth = max(growth, memory - memoryBefore)
        }

        /// Never inlined: Swift 6.3.1 crashes when it optimizes an asynchronous function that keeps the 128-bit integer
        /// of a duration's arithmetic across a suspension.
        @inline(never)
        private static func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }

        fileprivate var text: String {
            let sorted = pages.sorted()
            guard let last = sorted.last else { return "no pages" }
            let median = sorted[sorted.count / 2]
            let high = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
            return "\(sorted.count) pages, median \(Self.text(median)) ms, 99 % within \(Self.text(high)) ms, "
                + "longest \(Self.text(last)) ms, memory +\(growth / 1024) KiB"
        }

        private static func text(_ milliseconds: Double) -> String {
            "\((milliseconds * 100).rounded() / 100)"
        }
    }

    /// The number of models.
    public let models: Int
    /// How long their insertion took.
    public let insertion: Duration
    /// Listing the ids.
    public let ids: Run
    /// Listing the ids in reverse.
    public let reversed: Run
    /// Listing the models.
    public let loaded: Run

    /// The bytes of memory by which the process grew at most in any of the listings.
    public var growth: Int { max(ids.growth, reversed.growth, loaded.growth) }

    public var description: String {
        """
        \(models) models inserted in \(insertion)
          ids:     \(ids.text)
          reverse: \(reversed.text)
          models:  \(loaded.text)
        """
    }
}

/// What the process has in memory.
enum ResidentMemory {
    /// 0 where the system doesn't say in the way of Linux.
    static var bytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
    }
}
