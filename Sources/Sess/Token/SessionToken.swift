import Crypto
package import Modeler

/// What a client carries: `v1.<id>.<secret>`.
///
/// The id is 16 random bytes that name the record and may be logged. The secret is 32 random bytes that never are:
/// stores see only a SHA-256 of it, so whoever reads a store can't act as its users.
package struct SessionToken: Sendable, CustomStringConvertible {
    /// Names the session's record.
    package let id: ModelID

    private let secret: Secret

    /// 32 bytes without a storage of their own.
    private struct Secret {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    }

    /// The number of bytes of a token's text whose id the library has made.
    package static let length = prefix.count + idLength + 1 + secretLength

    /// The most bytes of a token's text, where it is one alone.
    static let maximumLength = prefix.count + ModelID.maximumLength + 1 + secretLength

    /// The fewest bytes of a token's text whose id the app has made.
    static let minimumLength = prefix.count + 1 + 1 + secretLength

    private static let prefix: [UInt8] = Array("v1.".utf8)
    private static let idLength = Base64URL.encodedLength(16)
    static let secretLength = Base64URL.encodedLength(32)

    /// A new random token.
    package init() {
        self.init(id: Self.randomID())
    }

    /// A new random secret for a record that keeps its id.
    package init(id: ModelID) {
        self.id = id
        var secret = Secret()
        withUnsafeMutableBytes(of: &secret) { RandomBytes.shared.fill($0) }
        self.secret = secret
    }

    /// Reads a token's text whose id may be one that the app has made.
    init?(_ text: ArraySlice<UInt8>, allowsAnyID: Bool) {
        if let token = SessionToken(text) {
            self = token
            return
        }
        guard allowsAnyID, text.count <= Self.maximumLength, text.starts(with: Self.prefix),
            text.count > Self.prefix.count + 1 + Self.secretLength
        else { return nil }
        let secretStart = text.endIndex - Self.secretLength
        let idBytes = text[(text.startIndex + Self.prefix.count)..<(secretStart - 1)]
        guard text[secretStart - 1] == UInt8(ascii: "."), let idText = String(validating: idBytes, as: UTF8.self),
            let id = try? ModelID(idText)
        else { return nil }
        var secret = Secret()
        let isSecret = text[secretStart...].withUnsafeBufferPointer { text in
            withUnsafeMutableBytes(of: &secret) { Base64URL.decode(text, into: $0) }
        }
        guard isSecret else {
            return nil
        }
        self.id = id
        self.secret = secret
    }

    /// Reads a token's text, strictly: exact length, one spelling for each token.
    package init?(_ text: ArraySlice<UInt8>) {
        var secret = Secret()
        let id = text.withUnsafeBufferPointer { text in
            withUnsafeMutableBytes(of: &secret) { Self.read(text, secret: $0) }
        }
        guard let id else { return nil }
        self.id = id
        self.secret = secret
    }

    private static func read(
        _ text: UnsafeBufferPointer<UInt8>, secret: UnsafeMutableRawBufferPointer
    ) -> ModelID? {
        // Byte by byte: two sequences in general take ten times as long.
        guard text.count == length, prefix.indices.allSatisfy({ text[$0] == prefix[$0] }) else { return nil }
        let idEnd = prefix.count + idLength
        let idText = UnsafeBufferPointer(rebasing: text[prefix.count..<idEnd])
        var idBytes = SIMD16<UInt8>()
        guard text[idEnd] == UInt8(ascii: "."),
            withUnsafeMutableBytes(of: &idBytes, { Base64URL.decode(idText, into: $0) }),
            Base64URL.decode(UnsafeBufferPointer(rebasing: text[(idEnd + 1)...]), into: secret)
        else { return nil }
        return ModelID(unchecked: String(decoding: idText, as: UTF8.self))
    }

    /// The token's text, to be sent to the client and nowhere else.
    package var text: String {
        var bytes = Self.prefix
        bytes.reserveCapacity(Self.length)
        bytes.append(contentsOf: id.rawValue.utf8)
        bytes.append(UInt8(ascii: "."))
        withUnsafeBytes(of: secret) { Base64URL.append($0, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The SHA-256 of the secret and the name of the namespace, in base64url: what stores hold. The secret's length is
    /// fixed, so that no two pairs make one text.
    func digest(in namespace: TokenNamespace) -> [UInt8] {
        var hash = SHA256()
        withUnsafeBytes(of: secret) { hash.update(bufferPointer: $0) }
        namespace.bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().withUnsafeBytes { Base64URL.encode($0) }
    }

    package var description: String { "token of \(id)" }

    /// An id for a new record.
    static func randomID() -> ModelID {
        var bytes = SIMD16<UInt8>()
        let text = withUnsafeMutableBytes(of: &bytes) { buffer in
            RandomBytes.shared.fill(buffer)
            return Base64URL.text(of: UnsafeRawBufferPointer(buffer))
        }
        return ModelID(unchecked: text)
    }
}
