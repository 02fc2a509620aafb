// Hooks run around the operations on a collection's models.
import Modeler

struct NameIsMissing: Error {}

let hooks = ModelHooks(
    create: { user in
        if user["role"].isNull { user["role"] = "guest" }
    },
    save: { user, old in
        // What throws here stops the write.
        guard let name = user["name"].string, !name.isEmpty else { throw NameIsMissing() }
        user["name"] = .string(name.lowercased())
        if let old, old["role"] != user["role"] { print("save:", name, "is no longer", old["role"].string ?? "-") }
    },
    afterSave: { user in print("afterSave:", user["name"].string ?? "-", "revision", user.revision) },
    load: { user in user["name"] = .string((user["name"].string ?? "").capitalized) },
    destroy: { user in print("destroy:", user["name"].string ?? "-") },
    afterDestroy: { user in print("afterDestroy:", user["name"].string ?? "-") }
)
let users = MemoryCollection(name: "users", hooks: hooks)

var ada = try await users.create(["name": "ADA"])
print("in memory:", ada["name"].string ?? "-", ada["role"].string ?? "-")
ada["role"] = "admin"
ada = try await users.save(ada)

do {
    try await users.create(["role": "nobody"])
} catch is NameIsMissing {
    print("refused: a user without a name")
}

try await users.destroy(ada)

extension String {
    /// The text with its first letter in upper case.
    var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
