import Foundation
import ModelerTesting

/// What a run has come to.
struct ChaosReport {
    private var operations = 0
    private var unknown = 0
    private var errors: [String: Int] = [:]
    private var longestWithoutSuccess = Duration.zero
    private var faults: [ChaosFault.Kind: (count: Int, slowest: Duration)] = [:]
    private var failovers = 0
    var violations: [String] = []
    private var memory = ResidentMemory()

    mutating func add(_ summary: HistoryRecord.Summary, failovers: Int) {
        operations += summary.operations
        unknown += summary.unknown
        errors.merge(summary.errors) { $0 + $1 }
        longestWithoutSuccess = max(longestWithoutSuccess, summary.longestWithoutSuccess)
        self.failovers += failovers
    }

    mutating func note(_ kind: ChaosFault.Kind, recovery: Duration, bound: Duration) {
        let former = faults[kind] ?? (0, .zero)
        faults[kind] = (former.count + 1, max(former.slowest, recovery))
        if recovery > bound {
            violations.append(
                "after \(kind.rawValue) nothing succeeded for \(text(recovery)), more than \(text(bound))")
        }
    }

    mutating func sampleMemory(at time: Double) { memory.sample(at: time) }

    /// - Parameter maximumSlope: The most by which memory may grow, in MiB per 10 minutes; `nil` for no limit.
    mutating func checkMemory(maximumSlope: Double?) {
        guard let maximumSlope else { return }
        let slope = memory.slope
        if slope.map({ $0 >= maximumSlope }) ?? true {
            let text = slope.map { fixed($0, 2) } ?? "unknown"
            violations.append("memory grows by \(text) MiB in 10 minutes, not less than \(fixed(maximumSlope, 2))")
        }
    }

    /// A run without a call proves nothing.
    var isGood: Bool { violations.isEmpty && operations > 0 }

    func show(_ title: String) {
        say("── \(title)")
        row("operations", "\(operations)")
        row("unknown outcomes", "\(unknown)")
        row("surfaced errors", list(errors.map { ($0, "\($1)") }))
        row("longest without success", text(longestWithoutSuccess))
        row("faults, slowest recovery", list(faults.map { ($0.rawValue, "\($1.count) (\(text($1.slowest)))") }))
        row("spans with failovers", "\(failovers)")
        row("violations", "\(violations.count)")
        for violation in violations.prefix(20) { say("  \(violation)") }
        let step = max(1, memory.samples.count / 8)
        let samples = memory.samples.enumerated().filter { $0.offset % step == 0 }.map(\.element)
        row("resident memory, MiB", list(samples.map { ("\(fixed($0.time, 0)) s", fixed($0.size, 1)) }, sorted: false))
        row("its slope", memory.slope.map { "\(fixed($0, 2)) MiB per 10 minutes" } ?? "unknown")
        row("verdict", isGood ? "good" : "BAD")
    }

    private func row(_ name: String, _ value: String) {
        say(name.padding(toLength: 26, withPad: " ", startingAt: 0) + value)
    }

    private func list(_ pairs: [(String, String)], sorted: Bool = true) -> String {
        let pairs = sorted ? pairs.sorted { $0.0 < $1.0 } : pairs
        return pairs.isEmpty ? "none" : pairs.map { "\($0) \($1)" }.joined(separator: ", ")
    }

    private func text(_ duration: Duration) -> String { fixed(duration / .seconds(1), 2) + " s" }
}

/// A number with so many digits behind its point.
func fixed(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }
