import Foundation

/// Draws the ratios of a run's JSON lines as bars.
enum Plot {
    static func run(_ options: Options) throws {
        let text = try String(contentsOfFile: options.text("input"), encoding: .utf8)
        let rows = try text.split(separator: "\n").filter { $0.hasPrefix("{") }
            .map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
            .filter { $0.goal != nil && $0.ratio != nil }
        let title = options.text("title", "Ours to what it is compared with")
        try svg(rows, title: title).write(
            toFile: options.text("output", "ratios.svg"), atomically: true, encoding: .utf8)
    }

    private static func svg(_ rows: [Row], title: String) -> String {
        let (left, width, step) = (420.0, 380.0, 26.0)
        let most = max(1.2, rows.compactMap(\.ratio).max() ?? 1, rows.compactMap(\.goal).max() ?? 1)
        let height = 60 + Int(step) * rows.count
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"\(height)\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"900\" height=\"\(height)\" fill=\"white\"/>",
            "<text x=\"10\" y=\"24\" font-size=\"15\">\(escaped(title))</text>",
        ]
        for (index, row) in rows.enumerated() {
            guard let ratio = row.ratio, let goal = row.goal else { continue }
            let y = 44 + step * Double(index)
            let color = row.isReached == true ? "#2a7f4f" : "#c0662b"
            let (bar, mark) = (width * max(0, ratio) / most, left + width * goal / most)
            lines += [
                "<text x=\"\(left - 8)\" y=\"\(y + 13)\" text-anchor=\"end\">\(escaped(row.name))</text>",
                "<rect x=\"\(left)\" y=\"\(y)\" width=\"\(bar)\" height=\"16\" fill=\"\(color)\"/>",
                "<line x1=\"\(mark)\" x2=\"\(mark)\" y1=\"\(y - 3)\" y2=\"\(y + 19)\" stroke=\"black\" stroke-width=\"2\"/>",
                "<text x=\"\(left + width + 12)\" y=\"\(y + 13)\">\(String(format: "%.2f", ratio)) (\(row.lowerIsBetter ? "≤" : "≥") \(goal))</text>",
            ]
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }
}
