// Create, load, save and destroy models: of a type, and without one.
import Modeler

struct Person: Codable {
    var name: String
    var born: Int
    var likes: [String] = []
}

let people = MemoryCollection(name: "people")

// Any Codable is a model.
var ada = try await people.create(Person(name: "Ada", born: 1815), id: 1)
print("created", ada.id, "at revision", ada.revision)

ada.value.likes.append("engines")
ada = try await people.save(ada)
print("saved", ada.value.name, "at revision", ada.revision)

// Whoever saves an older revision learns of the newer one.
var stale = try await people.load(1, as: Person.self)!  // It was created above.
ada.value.likes.append("poetry")
ada = try await people.save(ada)
stale.value.born = 1816
do {
    stale = try await people.save(stale)
} catch let error as ModelError where error.code == .revisionConflict {
    print("conflict with revision", error.existing?.revision ?? 0)
}

// Without a type a model is a bag of JSON values. Fields whose names begin with __ are saved and never shown.
var page = try await people.create(["title": "Notes", "tags": ["a", "b"], "__draft": true])
page["tags"][0] = "engines"
page = try await people.save(page)
if let loaded = try await people.load(page.id) {
    // Values show nothing of themselves unless asked: they may be secrets.
    print(loaded["title"].string ?? "-", loaded["tags"][0].string ?? "-", "draft hidden:", loaded["__draft"].isNull)
}

// Many at once, in the order asked, with nil for those that aren't there.
print(try await people.load([1, 2]).map { $0?["name"].string })

print("destroyed:", try await people.destroy(ada), "and again:", try await people.destroy(ada))
