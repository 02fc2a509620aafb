import Crypto
import FoundationEssentials
import Modeler

/// Seals and opens the fields of one record.
///
/// The key is HKDF-SHA256 (RFC 5869) of the ring's key, with the record's id in its info. Nonces are random and of 96
/// bits, so that one key may seal 2^32 values (SP 800-38D §8.3): with a key for each record that is a limit of each
/// record, which no session comes near, and not of all of them together.
struct RecordSeal: Sendable {
    private let id: ModelID
    private let ring: KeyRing
    private let sealing: SymmetricKey
    /// The keys of the ring that fields of this record were sealed with, besides the sealing one.
    private var opening: [String: SymmetricKey] = [:]

    /// The form of sealed values, and the derivation of their keys.
    private static let version = "v1"
    private static let dot = UInt8(ascii: ".")
    private static let quote = UInt8(ascii: "\"")

    init(id: ModelID, ring: KeyRing) {
        self.id = id
        self.ring = ring
        sealing = Self.key(from: ring.entries[0].key, for: id)
    }

    /// The sealed form of a value.
    func seal(_ value: EncodedJSON, of name: String) throws(ModelError) -> EncodedJSON {
        do {
            let box = try AES.GCM.seal(Array(value.bytes), using: sealing, authenticating: context(name))
            var text = [Self.quote]
            text.append(contentsOf: "\(Self.version).\(ring.entries[0].name).".utf8)
            // A box with the standard nonce always has its combined form.
            Array(box.combined ?? Data()).withUnsafeBytes { Base64URL.append($0, to: &text) }
            text.append(Self.quote)
            return EncodedJSON(unchecked: text[...])
        } catch {
            throw ModelError(.invalidField, "the field '\(name)' could not be sealed", underlying: error)
        }
    }

    /// The value of a sealed form.
    ///
    /// - Throws: ``ModelError/Code/unreadableHere`` where its key is not on the ring, or it is of another version;
    ///   ``ModelError/Code/unreadable`` where it was not sealed for this field, or was changed.
    mutating func open(_ value: EncodedJSON, of name: String) throws(ModelError) -> EncodedJSON {
        let notSealed = ModelError(.unreadable, "the field '\(name)' of \(id) is not sealed")
        let bytes = value.bytes
        guard bytes.count > 2, bytes.first == Self.quote, bytes.last == Self.quote else { throw notSealed }
        let parts = bytes.dropFirst().dropLast().split(separator: Self.dot, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw notSealed }
        guard parts[0].elementsEqual(Self.version.utf8) else {
            guard Self.isVersion(parts[0]) else { throw notSealed }
            throw ModelError(.unreadableHere, "the field '\(name)' of \(id) is sealed in a form of another version")
        }
        let key = try key(named: String(decoding: parts[1], as: UTF8.self), of: name)
        var combined = [UInt8](repeating: 0, count: parts[2].count * 6 / 8)
        let isDecoded = combined.withUnsafeMutableBytes { output in
            parts[2].withUnsafeBufferPointer { Base64URL.decode($0, into: output) }
        }
        guard isDecoded else { throw notSealed }
        do {
            let box = try AES.GCM.SealedBox(combined: combined)
            return EncodedJSON(unchecked: Array(try AES.GCM.open(box, using: key, authenticating: context(name)))[...])
        } catch {
            throw ModelError(.unreadable, "the field '\(name)' of \(id) does not open: it was changed, or moved")
        }
    }

    private mutating func key(named keyName: String, of name: String) throws(ModelError) -> SymmetricKey {
        if keyName == ring.entries[0].name { return sealing }
        if let key = opening[keyName] { return key }
        guard let entry = ring.entries.first(where: { $0.name == keyName }) else {
            throw ModelError(
                .unreadableHere, "the field '\(name)' of \(id) is sealed with a key that is not on this ring")
        }
        let key = Self.key(from: entry.key, for: id)
        opening[keyName] = key
        return key
    }

    private static func key(from master: SymmetricKey, for id: ModelID) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master,
            info: Array("sess field seal \(version) \(id.rawValue)".utf8),
            outputByteCount: 32
        )
    }

    /// What a value is bound to. Ids have no NUL, so no two pairs are alike.
    private func context(_ name: String) -> [UInt8] {
        Array(id.rawValue.utf8) + [0] + Array(name.utf8)
    }

    /// Whether a text is the mark of a version: `v` and digits.
    private static func isVersion(_ text: ArraySlice<UInt8>) -> Bool {
        text.first == UInt8(ascii: "v") && text.count > 1
            && text.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
