import Crypto
import FoundationEssentials

/// The keys that seal sessions at rest: the first one seals, all of them open.
///
/// To change keys, add the new key *last* on all servers; then move it to the front; drop the old one when every
/// session that it sealed has expired. A server that hasn't a key on its ring can't read what another has sealed with
/// it.
///
/// Each record is sealed with a key of its own, derived from the ring's (HKDF-SHA256 of the key and the record's id),
/// with random nonces of 96 bits: 2^32 writes of fields in *one* session's record are within what AES-GCM allows, and
/// the number of sessions is not bounded.
///
/// A sealed value can't be read, changed, or moved to another field or record by whoever can read and write the store.
/// They can remove it, and put an older value of the same field and record back: of a session's token record too, which
/// makes a replaced token valid again. Sealing protects a store that leaks; it doesn't replace the store's own access
/// control.
public struct KeyRing: Sendable {
    /// A key with its name.
    public struct Key: Sendable {
        /// A name of 1 to 32 letters, digits, `-` and `_`, which appears in the store.
        public var name: String
        /// 32 random bytes, which don't.
        public var bytes: [UInt8]

        /// Makes a key; ``KeyRing/init(_:)`` checks it.
        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }

        /// Makes a key from base64, as `openssl rand -base64 32` prints it.
        ///
        /// - Throws: ``SessionError/Code/invalidConfiguration`` where the text is no base64.
        public init(name: String, base64: String) throws(SessionError) {
            guard let data = Data(base64Encoded: base64) else {
                throw SessionError(.invalidConfiguration, "the key '\(name)' is not base64")
            }
            self.init(name: name, bytes: Array(data))
        }

        /// Makes a key from the system's random numbers.
        public static func random(name: String) -> Key {
            Key(name: name, bytes: SymmetricKey(size: .bits256).withUnsafeBytes(Array.init))
        }
    }

    struct Entry: Sendable {
        var name: String
        var key: SymmetricKey
    }

    let entries: [Entry]

    /// Makes a ring from named keys, the sealing one first.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for an empty list, a name that breaks the rule or occurs
    ///   twice, or a key of another length.
    public init(_ keys: [Key]) throws(SessionError) {
        guard !keys.isEmpty else {
            throw SessionError(.invalidConfiguration, "a key ring has at least one key")
        }
        var entries: [Entry] = []
        for key in keys {
            let (name, bytes) = (key.name, key.bytes)
            guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
                throw SessionError(.invalidConfiguration, "a key's name is 1 to 32 letters, digits, '-' and '_'")
            }
            guard bytes.count == 32 else {
                throw SessionError(.invalidConfiguration, "the key '\(name)' has \(bytes.count) bytes; right are 32")
            }
            guard !entries.contains(where: { $0.name == name }) else {
                throw SessionError(.invalidConfiguration, "the key's name '\(name)' occurs twice")
            }
            entries.append(Entry(name: name, key: SymmetricKey(data: bytes)))
        }
        self.entries = entries
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension KeyRing.Key: CustomStringConvertible, CustomReflectable {
    /// The key's name, never its bytes.
    public var description: String { "key \(name)" }

    /// Shows what ``description`` does.
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

extension KeyRing: CustomStringConvertible, CustomReflectable {
    /// The keys' names, never a key.
    public var description: String { "keys \(entries.map(\.name).joined(separator: ", "))" }

    /// Shows what ``description`` does.
    public var customMirror: Mirror { Mirror(self, children: ["names": entries.map(\.name)]) }
}
