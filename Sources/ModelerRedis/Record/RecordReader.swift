import Modeler
import RESP

/// Why a reply is no record.
enum RecordFault: Error {
    /// It is somebody else's: the record names another id. The connection can't be trusted any more.
    case foreign
    /// It is the id's, and of a layout that only a newer version of this library knows.
    case newer
    /// It is the id's, and no record.
    case unreadable(String)
}

/// Reads a record out of the reply to HGETALL.
enum RecordReader {
    /// The model of a record, or `nil` where there is none or its deadline has passed.
    ///
    /// - Parameter now: The store's clock.
    static func model(_ reply: RESPReply, id: ModelID, now: Timestamp) throws(RecordFault) -> Model? {
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
        let head = try RecordHead(metadata: metadata)
        return head.isExpired(at: now) ? nil : head.model(id: id, fields: Fields(fields), now: now)
    }

    /// The revision before a field's JSON, and how many bytes it and its mark take; `nil` where there is none, or no
    /// JSON.
    private static func revision(_ value: UnsafeRawBufferPointer) -> (Revision, length: Int)? {
        var revision = 0
        for (position, byte) in value.enumerated() {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else {
                let isMark = byte == UInt8(ascii: ":") && position > 0 && position + 1 < value.count
                return isMark ? (revision, position + 1) : nil
            }
            guard let next = DecimalReader.number(revision, digit) else { return nil }
            revision = next
        }
        return nil
    }
}
