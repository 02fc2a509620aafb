import Modeler

/// How a model is written as a Redis hash.
///
/// | field | content |
/// |---|---|
/// | `@` | the layout's version, the revision, `created` in ms since 1970, `updated` in ms after that, the idle and the absolute limit in ms, the deadline in ms after `created`, 0 for no limit; the model's size in KiB or more; blanks between |
/// | `@id` | the model's id, so that every record names itself |
/// | `@ops` | the operation ids of the last writes, 6 characters each, the newest last; it has the current revision |
/// | any other | a model's field: the revision that wrote it, `:`, its JSON. A name that begins with `@` has one more |
///
/// Numbers are kept short so that a small session stays in Redis's compact form of a hash, whose values have at
/// most 64 bytes.
enum RecordLayout {
    static let version = 1
    static let metadataField = "@"
    static let idField = "@id"
    static let operationsField = "@ops"

    static let at = UInt8(ascii: "@")

    /// A model's field name as it is stored.
    static func storedName(_ name: String) -> String {
        name.utf8.first == at ? "@\(name)" : name
    }

    /// A stored name as the model's, or `nil` for one of the record's own.
    static func modelName(_ stored: some Collection<UInt8>) -> String? {
        guard stored.first == at else { return String(decoding: stored, as: UTF8.self) }
        let rest = stored.dropFirst()
        guard rest.first == at else { return nil }
        return String(decoding: rest, as: UTF8.self)
    }

    /// What a field counts of the bytes that a model may have.
    static func size(_ name: String, _ value: EncodedJSON) -> Int { name.utf8.count + value.bytes.count + 16 }

    /// A limit in whole milliseconds, 0 for none.
    static func milliseconds(_ limit: Duration?) -> Int {
        Int(limit?.wholeMilliseconds ?? 0)
    }
}
