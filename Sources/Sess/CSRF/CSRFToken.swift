import Crypto

/// The token of a session's forms.
///
/// A code of 128 bits: HMAC-SHA256 (RFC 2104) over whose session it is, under the session's own secret. A text of it is
/// a random mask and the code under that mask, in base64url, so that no two responses have the same bytes to compress
/// beside what an attacker chooses (the BREACH attack).
struct CSRFToken {
    /// The bytes of a code and of a mask.
    private static let length = 16
    static let textLength = Base64URL.encodedLength(2 * length)

    private let code: [UInt8]

    /// - Parameters:
    ///   - secret: The session's own secret, as it is stored.
    ///   - owner: Whose the session is; `nil` for nobody's.
    init(secret: ArraySlice<UInt8>, owner: OwnerRecord?) {
        let purpose = "sess form token"
        let message = owner.map { "\(purpose) \($0.at ?? 0) \($0.user)" } ?? purpose
        let code = HMAC<SHA256>.authenticationCode(for: Array(message.utf8), using: SymmetricKey(data: secret))
        self.code = code.withUnsafeBytes { Array($0.prefix(Self.length)) }
    }

    /// A secret for a session.
    static func randomSecret() -> String {
        withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { bytes in
            RandomBytes.shared.fill(bytes)
            return Base64URL.text(of: UnsafeRawBufferPointer(bytes))
        }
    }

    /// A text of it, another one each time.
    func text() -> String {
        withUnsafeTemporaryAllocation(byteCount: 2 * Self.length, alignment: 1) { bytes in
            let mask = UnsafeMutableRawBufferPointer(rebasing: bytes[..<Self.length])
            RandomBytes.shared.fill(mask)
            for index in 0..<Self.length { bytes[Self.length + index] = mask[index] ^ code[index] }
            return Base64URL.text(of: UnsafeRawBufferPointer(bytes))
        }
    }

    /// Whether a text is one of it. Takes the same time wherever two codes differ.
    func matches(_ text: String) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 2 * Self.length)
        let text = Array(text.utf8)
        guard text.count == Self.textLength else { return false }
        let isDecoded = text.withUnsafeBufferPointer { text in
            bytes.withUnsafeMutableBytes { Base64URL.decode(text, into: $0) }
        }
        guard isDecoded else { return false }
        var difference: UInt8 = 0
        for index in 0..<Self.length { difference |= bytes[index] ^ bytes[Self.length + index] ^ code[index] }
        return difference == 0
    }
}
