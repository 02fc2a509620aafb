// List models in the order of their insertion: from the front, from the back, from anywhere, and in chunks.
import Modeler
import ModelerSQLite

struct Visit: Codable {
    var number: Int
}

// SQLite here; MemoryCollection and RedisCollection(…, listing: true) list in the same way.
let file = CommandLine.arguments.dropFirst().first ?? "/tmp/modeler-list-\(ModelID.random()).sqlite"
let visits = try SQLiteCollection(path: file, name: "visits")
for number in 1...100 { try await visits.create(Visit(number: number), id: ModelID(number)) }

print("the first three: ", try await visits.head(3))
print("the last three:  ", try await visits.tail(3))
print("from the tenth:  ", try await visits.slice(9, 5))
print("as values:       ", try await visits.list(offset: 9, limit: 5, as: Visit.self).map(\.value.number))
print("as models:       ", try await visits.tail(2, load: .normal).map { $0["number"].int ?? 0 })

// However many there are, one chunk at a time is in memory.
for try await chunk in visits.chunks(of: 30, reverse: true) {
    print("a chunk of", chunk.count, "from", chunk[0].id)
}

await visits.file.close()
print("look at it: sqlite3 \(file) 'SELECT * FROM models LIMIT 3'")
