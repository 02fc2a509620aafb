import Modeler

/// The keys of one collection: `prefix + name + ":" + id`.
///
/// Ids have neither `:` nor `{`, so no id names a key of another kind, of another collection with another name, or a
/// hash tag of Redis Cluster. What is known of an owner is `prefix + name + ":owner:"` and the owner's
/// ``OwnerID/keyText``. The listing index, where one is kept, is `prefix + name + ":"`.
struct RedisKeySpace: Sendable {
    /// What every record's key begins with.
    let recordPrefix: String

    init(prefix: String, name: String) {
        self.recordPrefix = "\(prefix)\(name):"
    }

    func record(_ id: ModelID) -> String {
        recordPrefix + id.rawValue
    }

    func owner(_ owner: OwnerID) -> String {
        recordPrefix + "owner:" + owner.keyText
    }
}
