import FoundationEssentials
import Modeler

/// A session as modeler-redis stores it: an object with `id`, `created`, `rev`, `updated`, and `_types`.
struct ModelerRecord: NodeRecord {
    var members: JSONMembers
    private let stored: JSONMembers
    private let types: JSONMembers
    /// The members as they were read, without types.
    private let original: JSONMembers
    private let revision: Int

    private static let ownNames: Set<String> = ["id", "created", "rev", "updated", "_types"]

    init(_ bytes: ArraySlice<UInt8>, id: String) throws(NodeSessionError) {
        do {
            stored = try JSONMembers(parsing: bytes)
            types = try stored["_types"].map { try JSONMembers(parsing: $0.bytes) } ?? JSONMembers()
            guard try stored["id"]?.value().string == id else { throw ModelError(.invalidJSON, "it names another id") }
            guard let revision = try stored["rev"]?.value().int, (0..<(1 << 53)).contains(revision) else {
                throw ModelError(.invalidJSON, "its rev is no whole number")
            }
            self.revision = revision
            var members: [JSONMembers.Element] = []
            for (name, value) in stored where !Self.isOwn(name) {
                let type = try types[name]?.value().string
                let plain = TypedJSON.plain(try value.value(), type: type)
                members.append((name, try EncodedJSON(plain)))
            }
            original = JSONMembers(members)
            self.members = original
        } catch {
            throw NodeSessionError(.unreadable, "the value is no session of modeler-redis under its own id")
        }
    }

    /// Whether a member is the library's in Node. Names that begin with two underscores are those that it hides.
    private static func isOwn(_ name: String) -> Bool { ownNames.contains(name) || name.hasPrefix("__") }

    func lifetime(default seconds: Int) -> Int { seconds }

    /// The bytes with the next revision. What wasn't changed keeps the bytes and the types that Node wrote.
    func encoded(now: Date) throws(NodeSessionError) -> ArraySlice<UInt8> {
        for (name, _) in members where Self.isOwn(name) {
            throw NodeSessionError(.reservedName, "a session of modeler-redis can't have a member '\(name)'")
        }
        do {
            var (stored, types) = (stored, types)
            for (name, _) in original where members[name] == nil {
                stored[name] = nil
                types[name] = nil
            }
            for (name, value) in members where original[name] != value {
                let (typed, type) = TypedJSON.typed(try value.value())
                stored[name] = try EncodedJSON(typed)
                types[name] = try type.map { try EncodedJSON(.string($0)) }
            }
            stored["rev"] = try EncodedJSON(.integer(revision + 1))
            types["rev"] = try EncodedJSON(.string("number"))
            let time = now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            stored["updated"] = try EncodedJSON(.string(time))
            types["updated"] = try EncodedJSON(.string("date"))
            stored["_types"] = nil
            stored["_types"] = types.encoded()
            return stored.encoded().bytes
        } catch {
            throw NodeSessionError(.unreadable, "a member is no JSON that can be stored")
        }
    }
}
