import Crypto

/// The keys that sign the tokens handed to clients: the first one signs, all of them verify.
///
/// A token can't be guessed without a signature either. With one, a forged token is recognized without asking the
/// store. The signature is HMAC-SHA256 (RFC 2104) over the cookie's name and the token, appended in base64url behind
/// four characters that name the key. A token under a key that a server doesn't have, as while keys change, is no
/// forgery: its request gets a detached session, and the client keeps its token.
///
/// To change keys, add the new one *last* on all servers; then move it to the front; drop the old one when every
/// session whose token it signed has expired. Turning signing on, or off, signs everybody out.
public struct SigningKeys: Sendable {
    private struct Key {
        var key: SymmetricKey
        /// Names the key in signatures, so that one of a key that this server doesn't have isn't taken for a forgery.
        var name: [UInt8]

        init(_ secret: [UInt8]) {
            key = SymmetricKey(data: secret)
            let code = HMAC<SHA256>.authenticationCode(for: Array("sess key name".utf8), using: key)
            name = code.withUnsafeBytes { Base64URL.encode(UnsafeRawBufferPointer(rebasing: $0[..<3])) }
        }
    }

    private let keys: [Key]

    /// The fewest bytes of a key: what makes guessing it as hard as AES-128.
    public static let minimumLength = 16

    private static let nameLength = Base64URL.encodedLength(3)

    /// The characters of a signature, with the dot before it and the key's name.
    static let signatureLength = 1 + nameLength + Base64URL.encodedLength(SHA256.byteCount)

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
        keys = secrets.map(Key.init)
    }

    /// A text with its signature.
    func signed(_ text: String, for name: String) -> String {
        var bytes = Array(text.utf8)
        // There is a first key: an empty list is refused.
        let code = Self.code(bytes[...], for: name, key: keys[0].key)
        bytes.append(UInt8(ascii: "."))
        bytes += keys[0].name
        code.withUnsafeBytes { Base64URL.append($0, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The result of verifying a text.
    enum Verification: Sendable {
        /// A key has signed it; without its signature.
        case verified(ArraySlice<UInt8>)
        /// It has the form of a signed text, of a key that isn't on the list.
        case unknownKey(ArraySlice<UInt8>)
        /// It isn't signed, or falsely.
        case forged
    }

    /// The text before a signature; `nil` where there is none.
    static func payload(of signed: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard signed.count > signatureLength else { return nil }
        let text = signed.dropLast(signatureLength)
        return signed[text.endIndex] == UInt8(ascii: ".") ? text : nil
    }

    /// Verifies a signed text.
    func verify(_ signed: ArraySlice<UInt8>, for name: String) -> Verification {
        guard let text = Self.payload(of: signed) else { return .forged }
        let codeStart = text.endIndex + 1 + Self.nameLength
        var code = [UInt8](repeating: 0, count: SHA256.byteCount)
        let isDecoded = signed[codeStart...].withUnsafeBufferPointer { text in
            code.withUnsafeMutableBytes { Base64URL.decode(text, into: $0) }
        }
        guard isDecoded else { return .forged }
        let keyName = signed[(text.endIndex + 1)..<codeStart]
        var isKnown = false
        for key in keys where keyName.elementsEqual(key.name) {
            isKnown = true
            let message = Self.message(text, for: name)
            // Compares in constant time.
            if HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key.key) {
                return .verified(text)
            }
        }
        return isKnown ? .forged : .unknownKey(text)
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
