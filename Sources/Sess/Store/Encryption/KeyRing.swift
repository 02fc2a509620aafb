import Crypto
import FoundationEssentials

/// The keys that seal sessions at rest: the first one seals, all of them open.
///
/// To change keys, add the new key *last* on all servers; then move it to the front; drop the old one when every session
/// that it sealed has expired. A server that hasn't a key on its ring can't read what another has sealed with it.
///
/// Each record is sealed with a key of its own, derived from the ring's (HKDF-SHA256 of the key and the record's id), with
/// random nonces of 96 bits: 2^32 writes of fields in *one* session's record are within what AES-GCM allows, and the
/// number of sessions is not bounded.
///
/// A sealed value can't be read, changed, or moved to another field or record by whoever can read and write the store.
/// They can remove it, and put an older value of the same field and record back: of a session's token record too, which
/// makes a replaced token valid again. Sealing protects a store that leaks; it doesn't replace the store's own access
/// control.
public struct KeyRing: Sendable {
    struct Entry: Sendable {
        var name: String
        var key: SymmetricKey
    }

    let entries: [Entry]

    /// Makes a ring from named keys, the sealing one first.
    ///
    /// - Parameter keys: Names of 1 to 32 letters, digits, `-` and `_`, which appear in the store; and 32 random bytes
    ///   each, which don't.
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for an empty list, a name that breaks the rule or occurs
    ///   twice, or a key of another length.
    public init(_ keys: [(name: String, bytes: [UInt8])]) throws(SessionError) {
        guard !keys.isEmpty else {
            throw SessionError(.invalidConfiguration, "a key ring has at least one key")
        }
        var entries: [Entry] = []
        for (name, bytes) in keys {
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

extension KeyRing: CustomStringConvertible, CustomReflectable {
    /// The keys' names, never a key.
    public var description: String { "keys \(entries.map(\.name).joined(separator: ", "))" }

    /// Shows what ``description`` does.
    public var customMirror: Mirror { Mirror(self, children: ["names": entries.map(\.name)]) }
}
