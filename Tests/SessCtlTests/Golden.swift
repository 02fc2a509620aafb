import Foundation
import Testing

/// Texts that the program's are compared with. `SESS_WRITE_GOLDEN=1` writes them anew.
enum Golden {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    static func expect(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let file = directory.appending(path: "\(name).txt")
        let text = normalized(text)
        if ProcessInfo.processInfo.environment["SESS_WRITE_GOLDEN"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(text == expected, "\(name)", sourceLocation: sourceLocation)
    }

    /// Leaves out what differs from run to run: instants, and the seconds that are left of half an hour.
    private static func normalized(_ text: String) -> String {
        let instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/
        let left = /\b(?:17\d\d|1800)\b/
        let age = /("?ageSeconds\w+"?[: ] *)\d+/
        return text.replacing(instant, with: "2026-00-00T00:00:00.000Z").replacing(left, with: "1800")
            .replacing(age) { "\($0.output.1)0" }
    }
}
