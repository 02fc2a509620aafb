import Crypto
import FoundationEssentials

/// The cookie that express-session signs: `name=s:<id>.<HMAC-SHA256 in base64>`, percent-encoded.
///
/// Its id is all that a client needs, and it stands in Redis's keys as it is: who can read those can take sessions
/// over. Sessions of `Sess` store a digest instead. Holds the secrets, and shows them nowhere.
public struct ExpressCookie: Sendable {
    /// The cookie's name.
    public let name: String
    private let keys: [SymmetricKey]

    /// Describes the cookie as the app in Node does.
    ///
    /// - Parameters:
    ///   - name: The option `name` of express-session.
    ///   - secrets: The option `secret`, at least one: the first signs, all verify.
    /// - Throws: ``NodeSessionError`` for no secret or an empty one.
    public init(name: String = "connect.sid", secrets: [String]) throws(NodeSessionError) {
        guard !name.isEmpty, !secrets.isEmpty, secrets.allSatisfy({ !$0.isEmpty }) else {
            throw NodeSessionError(.misconfigured, "a cookie has a name and at least one secret, none of them empty")
        }
        self.name = name
        keys = secrets.map { SymmetricKey(data: Array($0.utf8)) }
    }

    /// Returns the id that a request presents with a valid signature; `nil` for none.
    ///
    /// Of several cookies of the name the first counts, as in Node.
    ///
    /// - Parameter header: The request's field `Cookie`.
    public func sessionID(in header: String) -> String? {
        guard let value = CookieHeader.value(of: name, in: header), value.utf8.starts(with: "s:".utf8) else {
            return nil
        }
        let signed = value.utf8.dropFirst(2)
        guard let dot = signed.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let id = signed[..<dot]
        let signature = signed[dot...].dropFirst()
        guard !id.isEmpty else { return nil }
        // All are compared, so that the time doesn't tell which one it was.
        var isValid = false
        for key in keys where Self.isEqual(signature, Self.signature(of: id, key).utf8) { isValid = true }
        return isValid ? String(Substring(id)) : nil
    }

    /// Returns a cookie's value for an id, signed with the first secret.
    public func value(for id: String) -> String {
        CookieHeader.encode("s:\(id).\(Self.signature(of: id.utf8, keys[0]))")
    }

    private static func signature(of id: some Sequence<UInt8>, _ key: SymmetricKey) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(id), using: key)
        // 32 bytes are 43 digits and one "=", which Node leaves away.
        return String(Data(code).base64EncodedString().dropLast())
    }

    /// Whether two texts are equal, in a time that depends on their lengths alone.
    private static func isEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension ExpressCookie: CustomStringConvertible, CustomReflectable {
    public var description: String { "ExpressCookie \(name), \(keys.count) secrets" }
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
