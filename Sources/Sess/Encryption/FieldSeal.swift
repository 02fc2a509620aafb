import Crypto
import FoundationEssentials
import Modeler

/// Seals the values of fields with AES-256-GCM (NIST SP 800-38D) under a key ring.
///
/// A sealed value is the JSON text `"<key's name>.<base64url of nonce, ciphertext and tag>"`. It is bound to its record
/// and field: moved to another, it does not open.
struct FieldSeal: Sendable {
    let ring: KeyRing

    /// The sealed form of a value.
    func seal(_ value: EncodedJSON, of name: String, in id: ModelID) throws(ModelError) -> EncodedJSON {
        let entry = ring.entries[0]
        do {
            let box = try AES.GCM.seal(
                Array(value.bytes),
                using: entry.key,
                authenticating: Self.context(name, id)
            )
            var text = [UInt8(ascii: "\"")]
            text.append(contentsOf: entry.name.utf8)
            text.append(UInt8(ascii: "."))
            // A box with the standard nonce always has its combined form.
            Array(box.combined ?? Data()).withUnsafeBytes { Base64URL.append($0, to: &text) }
            text.append(UInt8(ascii: "\""))
            return EncodedJSON(unchecked: text[...])
        } catch {
            throw ModelError(.invalidField, "the field '\(name)' could not be sealed", underlying: error)
        }
    }

    /// The value of a sealed form.
    ///
    /// - Throws: ``ModelError/Code/unreadable`` where it was not sealed for this field, was changed, or its key is not
    ///   on the ring.
    func open(_ value: EncodedJSON, of name: String, in id: ModelID) throws(ModelError) -> EncodedJSON {
        let bytes = value.bytes
        guard bytes.count > 2, bytes.first == UInt8(ascii: "\""), bytes.last == UInt8(ascii: "\""),
            let dot = bytes.firstIndex(of: UInt8(ascii: "."))
        else { throw ModelError(.unreadable, "the field '\(name)' of \(id) is not sealed") }
        let keyName = String(decoding: bytes[(bytes.startIndex + 1)..<dot], as: UTF8.self)
        guard let entry = ring.entries.first(where: { $0.name == keyName }) else {
            throw ModelError(.unreadable, "the field '\(name)' of \(id) is sealed with a key that is not on the ring")
        }
        let text = bytes[(dot + 1)..<(bytes.endIndex - 1)]
        var combined = [UInt8](repeating: 0, count: text.count * 6 / 8)
        guard
            combined.withUnsafeMutableBytes({ output in
                text.withUnsafeBufferPointer { Base64URL.decode($0, into: output) }
            })
        else {
            throw ModelError(.unreadable, "the field '\(name)' of \(id) is not sealed")
        }
        do {
            let box = try AES.GCM.SealedBox(combined: combined)
            let opened = try AES.GCM.open(box, using: entry.key, authenticating: Self.context(name, id))
            return EncodedJSON(unchecked: Array(opened)[...])
        } catch {
            throw ModelError(.unreadable, "the field '\(name)' of \(id) does not open: it was changed, or moved")
        }
    }

    /// What a value is bound to. Ids have no NUL, so no two pairs are alike.
    private static func context(_ name: String, _ id: ModelID) -> [UInt8] {
        Array(id.rawValue.utf8) + [0] + Array(name.utf8)
    }
}
