import Crypto

/// The keys that sign the tokens handed to clients: the first one signs, all of them verify.
///
/// A token can't be guessed without a signature either. With one, a forged token is recognized without asking the store.
/// The signature is HMAC-SHA256 (RFC 2104) over the cookie's name and the token, appended in base64url.
///
/// To change keys, put the new one first and keep the old ones until every session whose token they signed has expired.
public struct SigningKeys: Sendable {
    private let keys: [SymmetricKey]

    /// The fewest bytes of a key: what makes guessing it as hard as AES-128.
    public static let minimumLength = 16

    /// The characters of a signature, with the dot before it.
    static let signatureLength = 1 + Base64URL.encodedLength(SHA256.byteCount)

    /// Makes a list of keys from texts, the signing one first.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for an empty list, and for a key shorter than
    ///   ``minimumLength`` bytes or one that occurs twice.
    public init(_ secrets: [String]) throws(SessionError) {
        try self.init(bytes: secrets.map { Array($0.utf8) })
    }

    /// Makes a list of keys from bytes, the signing one first.
    ///
    /// - Throws: As ``init(_:)``.
    public init(bytes secrets: [[UInt8]]) throws(SessionError) {
        guard !secrets.isEmpty else {
            throw SessionError(.invalidConfiguration, "there is at least one signing key: the first one signs")
        }
        for (index, secret) in secrets.enumerated() {
            guard secret.count >= Self.minimumLength else {
                throw SessionError(
                    .invalidConfiguration,
                    "signing key \(index + 1) has \(secret.count) bytes; right are \(Self.minimumLength) or more"
                )
            }
            guard !secrets[..<index].contains(secret) else {
                throw SessionError(.invalidConfiguration, "signing key \(index + 1) occurs twice")
            }
        }
        keys = secrets.map { SymmetricKey(data: $0) }
    }

    /// A text with its signature.
    func signed(_ text: String, for name: String) -> String {
        var bytes = Array(text.utf8)
        // There is a first key: an empty list is refused.
        let code = Self.code(bytes[...], for: name, key: keys[0])
        bytes.append(UInt8(ascii: "."))
        code.withUnsafeBytes { Base64URL.append($0, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text without its signature; `nil` where no key has signed it.
    func verified(_ signed: ArraySlice<UInt8>, for name: String) -> ArraySlice<UInt8>? {
        guard signed.count > Self.signatureLength else { return nil }
        let text = signed.dropLast(Self.signatureLength)
        guard signed[text.endIndex] == UInt8(ascii: ".") else { return nil }
        var code = [UInt8](repeating: 0, count: SHA256.byteCount)
        let isDecoded = signed[(text.endIndex + 1)...].withUnsafeBufferPointer { text in
            code.withUnsafeMutableBytes { Base64URL.decode(text, into: $0) }
        }
        guard isDecoded else {
            return nil
        }
        // Compares in constant time.
        let isValid = keys.contains { key in
            HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Self.message(text, for: name), using: key)
        }
        return isValid ? text : nil
    }

    private static func code(
        _ text: ArraySlice<UInt8>, for name: String, key: SymmetricKey
    ) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: message(text, for: name), using: key)
    }

    /// A cookie's name has no `=`, so that no two names and texts make one message.
    private static func message(_ text: ArraySlice<UInt8>, for name: String) -> [UInt8] {
        Array(name.utf8) + [UInt8(ascii: "=")] + text
    }
}

extension SigningKeys: CustomStringConvertible, CustomReflectable {
    /// How many there are, never a key.
    public var description: String { "\(keys.count) signing keys" }

    /// Shows what ``description`` does.
    public var customMirror: Mirror { Mirror(self, children: ["count": keys.count]) }
}
