// A log in Redis that any number of programs write to and read the end of. Start it a few times, with what to say:
//   swift run modeler-tail "hello"
import Foundation
import Modeler
import ModelerRedis

struct Line: Codable {
    var text: String
}

let lines = try RedisCollection(
    url: ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://127.0.0.1",
    prefix: "example:",
    name: "lines",
    expiry: Expiry(absolute: .seconds(86400)),  // A day old, a line leaves the list by itself.
    listing: true
)

let words = CommandLine.arguments.dropFirst()
if !words.isEmpty { try await lines.create(Line(text: words.joined(separator: " "))) }

for line in try await lines.list(limit: 10, reverse: true, as: Line.self).reversed() {
    print(line.created, line.value.text)
}
