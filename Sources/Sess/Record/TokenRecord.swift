import Modeler

/// What a stored session knows of its tokens: the digest of the one that is valid, and that of the one before, which is
/// accepted for a grace after its replacement and recognized ever after.
///
/// Stored as two reserved fields, both JSON texts: ``ReservedField/token`` is `"<digest>"`, and
/// ``ReservedField/formerToken``, where the token was replaced once, `"<start of the digest before> <until>
/// <replaced>"`, the times in milliseconds since 1970 on the store's clock. `until` is 0 where the token before is
/// accepted no more: no clock that steps back makes that a grace. Of the token before 132 bits of the digest are kept:
/// as hard to find a text for as to guess a key of AES-128.
struct TokenRecord: Sendable, Equatable {
    /// The bytes of a digest: SHA-256 in base64url.
    private static let digestLength = 43

    /// The bytes that are kept of the digest of the token before.
    fileprivate static let formerLength = 22

    /// The digest of the valid token's secret.
    var digest: ArraySlice<UInt8>

    /// The token that the valid one took the place of; `nil` where it is the session's first.
    var previous: Previous?

    struct Previous: Sendable, Equatable {
        /// The start of the digest of its secret.
        let digest: ArraySlice<UInt8>
        /// Until when it is accepted; ``never`` where it isn't from its replacement on.
        let until: Timestamp
        /// When it was replaced.
        let replaced: Timestamp

        /// Before every instant.
        static let never = Timestamp(milliseconds: 0)

        init(digest: ArraySlice<UInt8>, until: Timestamp, replaced: Timestamp) {
            self.digest = digest.prefix(TokenRecord.formerLength)
            self.until = until > replaced ? StoredTime.nearest(until) : Self.never
            self.replaced = StoredTime.nearest(replaced)
        }

        /// Whether it is accepted still.
        ///
        /// A clock that reads less than it did at the replacement has stepped back, and by how much nobody knows: the
        /// grace is then not given. When that clock gets to the replacement once more, the grace counts once more: it
        /// is never longer at a stretch than it says.
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

    /// Reads the stored fields; `nil` where they are no record.
    init?(_ fields: Fields) {
        guard let text = Self.text(of: fields[ReservedField.token]), text.count == Self.digestLength,
            !text.contains(Self.space)
        else { return nil }
        digest = text
        guard let former = fields[ReservedField.formerToken] else { return }
        guard let previous = Self.text(of: former).flatMap(Previous.init(text:)) else { return nil }
        self.previous = previous
    }

    /// The fields as they are to be stored; `nil` for one that there is not. Digests are base64url, so nothing needs an
    /// escape.
    var encoded: (token: EncodedJSON, former: EncodedJSON?) {
        (Self.quoted(digest), previous.map { Self.quoted($0.text) })
    }

    private static let quote = UInt8(ascii: "\"")
    private static let space = UInt8(ascii: " ")

    private static func text(of field: Field?) -> ArraySlice<UInt8>? {
        guard let bytes = field?.value.bytes, bytes.count >= 2, bytes.first == quote, bytes.last == quote else {
            return nil
        }
        return bytes.dropFirst().dropLast()
    }

    private static func quoted(_ text: some Collection<UInt8>) -> EncodedJSON {
        EncodedJSON(unchecked: ([quote] + text + [quote])[...])
    }

    /// What a token is to the record, by its digest. Takes the same time wherever two digests differ.
    func standing(of presented: [UInt8], now: Timestamp) -> Standing {
        let isCurrent = Self.isEqual(digest, presented[...])
        guard let previous else { return isCurrent ? .current : .unknown }
        let isPrevious = Self.isEqual(previous.digest, presented.prefix(Self.formerLength))
        if isCurrent { return .current }
        guard isPrevious else { return .unknown }
        return previous.isGraced(now) ? .graced : .replaced(previous)
    }

    private static func isEqual(_ lhs: ArraySlice<UInt8>, _ rhs: ArraySlice<UInt8>) -> Bool {
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

extension TokenRecord.Previous {
    /// Reads what ``text`` writes; `nil` for anything else.
    fileprivate init?(text: ArraySlice<UInt8>) {
        let space = UInt8(ascii: " ")
        let digest = text.prefix(TokenRecord.formerLength)
        var times = text.dropFirst(TokenRecord.formerLength)
        guard digest.count == TokenRecord.formerLength, !digest.contains(space),
            times.popFirst() == space, let until = StoredTime.take(&times),
            times.popFirst() == space, let replaced = StoredTime.take(&times), times.isEmpty
        else { return nil }
        self.init(digest: digest, until: until, replaced: replaced)
    }

    fileprivate var text: [UInt8] {
        Array(digest) + Array(" \(until.milliseconds) \(replaced.milliseconds)".utf8)
    }
}
