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
        var fault: RecordFault?
        let areStrings = reply.forEachPair { name, value, range in
            if let name = RecordLayout.modelName(name) {
                if let (revision, length) = revision(value) {
                    let json = EncodedJSON(unchecked: reply.slice(range.lowerBound + length..<range.upperBound))
                    fields.append(Field(name: name, value: json, revision: revision))
                } else {
                    fault = .unreadable("the field '\(name)' has no revision")
                }
            } else if name.count == 1 {
                metadata = reply.slice(range)
            } else if name.elementsEqual(RecordLayout.idField.utf8) {
                namesItself = value.elementsEqual(id.rawValue.utf8)
                if !namesItself { fault = .foreign }
            }
            return fault == nil
        }
        if let fault { throw fault }
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

    /// The revision before a field's JSON, and how many bytes it and its mark take; `nil` where there is none, or no JSON.
    private static func revision(_ value: UnsafeRawBufferPointer) -> (Revision, length: Int)? {
        var revision = 0
        for (position, byte) in value.enumerated() {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else {
                let isMark = byte == UInt8(ascii: ":") && position > 0 && position + 1 < value.count
                return isMark ? (revision, position + 1) : nil
            }
            let (product, overflow) = revision.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digit))
            guard !overflow, !carry else { return nil }
            revision = sum
        }
        return nil
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
