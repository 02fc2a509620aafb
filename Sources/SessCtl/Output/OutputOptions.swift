import ArgumentParser
import Modeler

/// How results are written.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, jsonl
    }

    @Option(help: "How results are written.")
    var format = Format.table

    typealias Row = [(name: String, value: Cell)]

    /// Writes rows: a table with a head, an array of objects, or an object on each line.
    func write(_ rows: [Row], columns: [String]) {
        switch format {
        case .table:
            var lines = [columns.map { $0.uppercased() }]
            lines += rows.map { $0.map(\.value.plain) }
            let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
            for (index, line) in lines.enumerated() {
                let cells = line.enumerated().map { column, text in
                    let fill = String(repeating: " ", count: widths[column] - text.count)
                    let isRight = rows.first.map { $0[column].value.isNumber } ?? false
                    return isRight && index >= 0 ? fill + text : text + fill
                }
                Terminal.line(Self.trimmed(cells.joined(separator: "  ")))
            }
        case .json:
            let objects = rows.map { "  " + Self.object($0) }
            Terminal.line(objects.isEmpty ? "[]" : "[\n" + objects.joined(separator: ",\n") + "\n]")
        case .jsonl:
            for row in rows { Terminal.line(Self.object(row)) }
        }
    }

    /// Writes one result: a line for each of its values, or an object.
    func write(_ row: Row) {
        guard format == .table else {
            Terminal.line(Self.object(row))
            return
        }
        let width = row.map(\.name.count).max() ?? 0
        for (name, value) in row {
            let fill = String(repeating: " ", count: width - name.count)
            Terminal.line("\(name)\(fill)  \(value.plain)")
        }
    }

    static func object(_ row: Row) -> String {
        let members = row.map { (name: $0.name, value: $0.value.json) }
        return String(decoding: JSONMembers(members).encoded().bytes, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
