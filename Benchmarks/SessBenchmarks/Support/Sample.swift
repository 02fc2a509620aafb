import Foundation

/// One load run's result, as the load programs and the ceiling print it: a line of `name=value`.
struct Sample: Sendable {
    var values: [String: Double] = [:]

    subscript(name: String) -> Double { values[name] ?? .nan }

    init(parsing line: String) {
        for pair in line.split(whereSeparator: \.isWhitespace) {
            let parts = pair.split(separator: "=")
            if parts.count == 2, let value = Double(parts[1]) { values[String(parts[0])] = value }
        }
    }

    init(from start: Reading, to end: Reading, latencies: Histogram) {
        let operations = Double(max(1, end.operations - start.operations))
        values = [
            "ops_per_second": operations / (Double(end.time - start.time) / 1e9),
            "client_us": Double(end.cpu - start.cpu) / operations / 1e3,
            "server_us": Double(end.serverCPU - start.serverCPU) / operations / 1e3,
            "p50_us": Double(latencies.value(at: 0.50)) / 1e3,
            "p99_us": Double(latencies.value(at: 0.99)) / 1e3,
        ]
    }

    var line: String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(String(format: "%.4f", $0.value))" }.joined(separator: " ")
    }
}
