import Modeler

/// What a stored session knows of its tokens: the digest of the one that is valid, and that of the one before, which is
/// accepted for a grace after its replacement and recognized ever after.
///
/// Stored as the save-only field ``fieldName``, a JSON text: `"<digest>"` for a session whose token was never replaced,
/// otherwise `"<digest> <previous> <until> <issued>"`, the times in milliseconds since 1970 on the store's clock.
/// `until` is 0 where the token before is accepted no more: no clock that steps back makes that a grace.
struct TokenRecord: Sendable, Equatable {
    /// The field of a session's model that holds the record.
    static let fieldName = ReservedField.token

    /// The bytes of a digest: SHA-256 in base64url.
    private static let digestLength = 43

    /// The digest of the valid token's secret.
    var digest: ArraySlice<UInt8>

    /// The token that the valid one took the place of; `nil` where it is the session's first.
    var previous: Previous?

    struct Previous: Sendable, Equatable {
        let digest: ArraySlice<UInt8>
        /// Until when it is accepted; ``never`` where it isn't from its replacement on.
        let until: Timestamp
        /// When it was replaced.
        let replaced: Timestamp

        /// Before every instant.
        static let never = Timestamp(milliseconds: 0)

        init(digest: ArraySlice<UInt8>, until: Timestamp, replaced: Timestamp) {
            self.digest = digest
            self.until = until > replaced ? StoredTime.nearest(until) : Self.never
            self.replaced = StoredTime.nearest(replaced)
        }

        /// Whether it is accepted still.
        ///
        /// A clock that reads less than it did at the replacement has stepped back, and by how much nobody knows: the
        /// grace is then not given. When that clock gets to the replacement once more, the grace counts once more: it is
        ///  never longer at a stretch than it says.
        func isGraced(_ now: Timestamp) -> Bool {
            until > replaced && replaced <= now && now < until
        }
    }

    /// What a token is to a record.
    enum Standing: Sendable, Equatable {
        /// The valid one.
        case current
        /// The one before, within its grace.
        case graced
        /// The one before, after its grace.
        case replaced(Previous)
        /// None of the session's last two.
        case unknown
    }

    init(digest: [UInt8], previous: Previous? = nil) {
        self.digest = digest[...]
        self.previous = previous
    }

    /// Reads the stored field; `nil` where it is none.
    init?(_ field: EncodedJSON) {
        let bytes = field.bytes
        let (quote, space) = (UInt8(ascii: "\""), UInt8(ascii: " "))
        guard bytes.count >= Self.digestLength + 2, bytes.first == quote, bytes.last == quote else { return nil }
        let text = bytes.dropFirst().dropLast()
        digest = text.prefix(Self.digestLength)
        guard !digest.contains(space) else { return nil }
        let rest = text.dropFirst(Self.digestLength)
        guard !rest.isEmpty else { return }
        // What follows is " <previous> <until> <issued>".
        let former = rest.dropFirst().prefix(Self.digestLength)
        var times = rest.dropFirst(Self.digestLength + 1)
        guard rest.first == space, former.count == Self.digestLength, !former.contains(space),
            times.popFirst() == space, let until = StoredTime.take(&times),
            times.popFirst() == space, let replaced = StoredTime.take(&times), times.isEmpty
        else { return nil }
        previous = Previous(digest: former, until: until, replaced: replaced)
    }

    /// The field's value. Digests are base64url, so nothing needs an escape.
    var encoded: EncodedJSON {
        var bytes = [UInt8(ascii: "\"")]
        bytes.append(contentsOf: digest)
        if let previous {
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: previous.digest)
            for time in [previous.until, previous.replaced] {
                bytes.append(UInt8(ascii: " "))
                bytes.append(contentsOf: String(time.milliseconds).utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return EncodedJSON(unchecked: bytes[...])
    }

    /// What a token is to the record, by its digest. Takes the same time wherever two digests differ.
    func standing(of presented: [UInt8], now: Timestamp) -> Standing {
        let isCurrent = Self.isEqual(digest, presented)
        guard let previous else { return isCurrent ? .current : .unknown }
        let isPrevious = Self.isEqual(previous.digest, presented)
        if isCurrent { return .current }
        guard isPrevious else { return .unknown }
        return previous.isGraced(now) ? .graced : .replaced(previous)
    }

    private static func isEqual(_ lhs: ArraySlice<UInt8>, _ rhs: [UInt8]) -> Bool {
        guard lhs.count == rhs.count else { return false }
        var difference: UInt8 = 0
        lhs.withUnsafeBufferPointer { lhs in
            rhs.withUnsafeBufferPointer { rhs in
                for index in lhs.indices { difference |= lhs[index] ^ rhs[index] }
            }
        }
        return difference == 0
    }
}
