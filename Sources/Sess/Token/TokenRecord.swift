import Modeler

/// What a stored session knows of its tokens: the digest of the one that is valid, and for a short grace after a
/// rotation that of the one before.
///
/// Stored as the save-only field ``fieldName``, a JSON text: `"<digest>"` or `"<digest> <previous> <until>"`, where
/// `until` is in milliseconds since 1970 on the store's clock.
struct TokenRecord: Sendable, Equatable {
    /// The field of a session's model that holds the record.
    static let fieldName = "__token"

    /// The digest of the valid token's secret.
    var digest: [UInt8]

    /// The digest that is accepted beside it, and until when.
    var previous: Previous?

    struct Previous: Sendable, Equatable {
        var digest: [UInt8]
        var until: Timestamp
    }

    init(digest: [UInt8], previous: Previous? = nil) {
        self.digest = digest
        self.previous = previous
    }

    /// Reads the stored field; `nil` where it is none.
    init?(_ field: EncodedJSON) {
        let bytes = field.bytes
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\"") else { return nil }
        if bytes.count == 45, !bytes.contains(UInt8(ascii: " ")) {
            self.init(digest: Array(bytes[(bytes.startIndex + 1)..<(bytes.endIndex - 1)]))
            return
        }
        let parts = bytes.dropFirst().dropLast().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        switch parts.count {
        case 1:
            self.init(digest: Array(parts[0]))
        case 3:
            guard let until = Int64(String(decoding: parts[2], as: UTF8.self)) else { return nil }
            self.init(
                digest: Array(parts[0]),
                previous: Previous(digest: Array(parts[1]), until: Timestamp(milliseconds: until))
            )
        default:
            return nil
        }
        guard digest.count == 43 else { return nil }
    }

    /// The field's value. Digests are base64url, so nothing needs an escape.
    var encoded: EncodedJSON {
        var bytes = [UInt8(ascii: "\"")]
        bytes.append(contentsOf: digest)
        if let previous {
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: previous.digest)
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: String(previous.until.milliseconds).utf8)
        }
        bytes.append(UInt8(ascii: "\""))
        return EncodedJSON(unchecked: bytes[...])
    }

    /// Whether a token's digest is the valid one, or the one before within its grace. Takes the same time wherever
    /// two digests differ.
    func accepts(_ presented: [UInt8], now: Timestamp) -> Bool {
        let current = Self.isEqual(digest, presented)
        guard let previous else { return current }
        return current || (Self.isEqual(previous.digest, presented) && now < previous.until)
    }

    private static func isEqual(_ lhs: [UInt8], _ rhs: [UInt8]) -> Bool {
        guard lhs.count == rhs.count else { return false }
        var difference: UInt8 = 0
        for index in lhs.indices {
            difference |= lhs[index] ^ rhs[index]
        }
        return difference == 0
    }
}
