import Foundation

/// One measured case: ours beside what it is compared with.
struct Row: Codable {
    var suite: String
    var name: String
    var ours: Double
    var ceiling: Double?
    /// Ours to the ceiling.
    var ratio: Double?
    var unit: String
    /// The worst ratio that is good enough; `nil` where nothing is asked.
    var goal: Double?
    /// Whether a smaller ratio is better.
    var lowerIsBetter = false

    enum CodingKeys: String, CodingKey {
        case suite, ours, ceiling, ratio, unit, goal, lowerIsBetter
        case name = "case"
    }

    /// Whether the goal is reached; `nil` where there is none.
    var isReached: Bool? {
        guard let goal, let ratio else { return nil }
        return lowerIsBetter ? ratio <= goal : ratio >= goal
    }

    /// Of rounds that alternated: the medians, and the median of the ratios of each round.
    static func alternating(
        _ suite: String, _ name: String, _ unit: String, ours: [Double], ceiling: [Double], goal: Double? = nil,
        lowerIsBetter: Bool = false
    ) -> Row {
        Row(
            suite: suite, name: name, ours: median(ours), ceiling: median(ceiling),
            ratio: median(zip(ours, ceiling).map { $0 / $1 }), unit: unit, goal: goal, lowerIsBetter: lowerIsBetter)
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.filter(\.isFinite).sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted.count % 2 == 1
            ? sorted[sorted.count / 2] : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }
}
