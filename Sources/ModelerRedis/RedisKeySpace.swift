import Modeler

/// The keys of one collection: `prefix + name + ":" + id`.
///
/// Ids have neither `:` nor `{`, so no id names a key of another kind, of another collection with another name, or a
/// hash tag of Redis Cluster. What is known of an owner is `prefix + name + ":owner:"` and the owner's
/// ``OwnerID/keyText``; no collection is called `owner`, so none whose prefix ends in `:` has such keys. The listing
/// index, where one is kept, is `prefix + name + ":"`.
struct RedisKeySpace: Sendable {
    /// What every record's key begins with.
    let recordPrefix: String

    init(prefix: String, name: String) {
        self.recordPrefix = "\(prefix)\(name):"
    }

    func record(_ id: ModelID) -> String {
        recordPrefix + id.rawValue
    }

    /// The key of the index of the collection's order.
    var index: String { recordPrefix }

    /// What SCAN matches keys of records with, and some others.
    var recordPattern: String {
        var pattern = ""
        for character in recordPrefix.unicodeScalars {
            if "*?[]\\^".unicodeScalars.contains(character) { pattern.unicodeScalars.append("\\") }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "*"
    }

    /// The id whose record a key holds, or `nil` for the key of anything else.
    func id(ofRecord key: String) -> ModelID? {
        guard key.utf8.starts(with: recordPrefix.utf8) else { return nil }
        return try? ModelID(String(decoding: key.utf8.dropFirst(recordPrefix.utf8.count), as: UTF8.self))
    }

    func owner(_ owner: OwnerID) -> String {
        recordPrefix + Self.ownerMark + owner.keyText
    }

    /// The owner whose key it is, or `nil` for the key of anything else.
    func owner(ofKey key: String) -> OwnerID? {
        let prefix = recordPrefix + Self.ownerMark
        guard key.utf8.starts(with: prefix.utf8) else { return nil }
        return OwnerID(keyText: String(decoding: key.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
    }

    private static let ownerMark = "owner:"
}
