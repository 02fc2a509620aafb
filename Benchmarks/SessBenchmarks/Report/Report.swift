import Foundation

/// Prints rows as they are measured: a table, or one JSON object a line.
final class Report {
    private let asJSON: Bool
    private(set) var rows: [Row] = []
    private var suite = ""

    init(asJSON: Bool) { self.asJSON = asJSON }

    func add(_ row: Row) throws {
        rows.append(row)
        if asJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            write(String(decoding: try encoder.encode(row), as: UTF8.self))
            return
        }
        if row.suite != suite {
            suite = row.suite
            write("\n| \(suite) | ours | compared with | ratio | goal |\n|---|---:|---:|---:|---:|")
        }
        let ceiling = row.ceiling.map { "\(Self.text($0)) \(row.unit)" } ?? ""
        let ratio = row.ratio.map { String(format: "%.3f", $0) } ?? ""
        let goal = row.goal.map { "\(row.lowerIsBetter ? "≤" : "≥") \($0) \(row.isReached == true ? "✓" : "✗")" } ?? ""
        write("| \(row.name) | \(Self.text(row.ours)) \(row.unit) | \(ceiling) | \(ratio) | \(goal) |")
    }

    private func write(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    private static func text(_ value: Double) -> String {
        switch abs(value) {
        case 1000...: String(format: "%.0f", value)
        case 10...: String(format: "%.1f", value)
        default: String(format: "%.3f", value)
        }
    }
}
