import Modeler
import RESP

/// Why a reply is no record.
enum RecordFault: Error {
    /// It is somebody else's: the record names another id. The connection can't be trusted any more.
    case foreign
    /// It is the id's, and no record of this layout.
    case unreadable(String)
}

/// Reads a record out of the reply to HGETALL.
enum RecordReader {
    /// When the store answered, as far as the reply tells.
    enum StoreTime {
        /// The store's clock itself.
        case now(Timestamp)
        /// The milliseconds that the key has left, -1 for no end.
        case remaining(Int64)
    }

    /// The model of a record, or `nil` where there is no record.
    static func model(_ reply: RESPReply, id: ModelID, time: StoreTime) throws(RecordFault) -> Model? {
        guard reply.kind == .array, reply.count.isMultiple(of: 2) else { throw .foreign }
        guard reply.count > 0 else { return nil }
        var fields: [Field] = []
        fields.reserveCapacity(max(0, reply.count / 2 - 3))
        var metadata: ArraySlice<UInt8>?
        var namesItself = false
        let areStrings = try reply.forEachPair { (name, value) throws(RecordFault) in
            if let name = RecordLayout.modelName(name) {
                fields.append(try field(name, value))
            } else if name.count == 1 {
                metadata = value
            } else if name.elementsEqual(RecordLayout.idField.utf8) {
                namesItself = value.elementsEqual(id.rawValue.utf8)
                guard namesItself else { throw .foreign }
            }
        }
        guard areStrings else { throw .foreign }
        guard let metadata, namesItself else { throw .unreadable("it has none of the record's own fields") }
        guard let parsed = RecordMetadata(metadata) else {
            throw .unreadable("it is of another version than \(RecordLayout.version)")
        }
        return Model(
            id: id,
            revision: parsed.revision,
            created: parsed.created,
            updated: parsed.updated,
            fields: Fields(fields),
            lifetime: Lifetime(expiry: parsed.expiry, expires: parsed.expires, now: now(parsed, time))
        )
    }

    private static func field(_ name: String, _ value: ArraySlice<UInt8>) throws(RecordFault) -> Field {
        var reader = DecimalReader(value)
        guard let revision = reader.number(endingIn: UInt8(ascii: ":")), !reader.isAtEnd else {
            throw .unreadable("the field '\(name)' has no revision")
        }
        return Field(name: name, value: EncodedJSON(unchecked: reader.rest), revision: revision)
    }

    /// The deadline less what is left of it is the store's now. Another request may have moved the deadline between
    /// the two commands; then this is early by as much, and never before the last write.
    private static func now(_ metadata: RecordMetadata, _ time: StoreTime) -> Timestamp {
        switch time {
        case .now(let now): return now
        case .remaining(let milliseconds):
            guard let expires = metadata.expires, milliseconds >= 0 else { return metadata.updated }
            return max(metadata.updated, Timestamp(milliseconds: expires.milliseconds - milliseconds))
        }
    }
}
