import Crypto
import FoundationEssentials
import Modeler

/// Seals the values of fields with AES-256-GCM (NIST SP 800-38D) under a key ring.
///
/// A sealed value is the JSON text `"v1.<key's name>.<base64url of nonce, ciphertext and tag>"`. Version 1 derives a
/// key for each record from the ring's: see ``RecordSeal``. A value is bound to its record and field: moved to another,
/// it does not open. It is not bound to a moment: whoever can write to the store can put an older value of the same
/// record and field back.
struct FieldSeal: Sendable {
    let ring: KeyRing

    /// The seal of one record. Making one derives a key: make it once for all fields of a record.
    func record(_ id: ModelID) -> RecordSeal { RecordSeal(id: id, ring: ring) }

    /// The sealed form of a value.
    func seal(_ value: EncodedJSON, of name: String, in id: ModelID) throws(ModelError) -> EncodedJSON {
        try record(id).seal(value, of: name)
    }

    /// The value of a sealed form.
    ///
    /// - Throws: As ``RecordSeal/open(_:of:)``.
    func open(_ value: EncodedJSON, of name: String, in id: ModelID) throws(ModelError) -> EncodedJSON {
        var record = record(id)
        return try record.open(value, of: name)
    }

    /// Whether a value has the form of a sealed one.
    static func isSealed(_ value: EncodedJSON?) -> Bool {
        guard let bytes = value?.bytes else { return false }
        return bytes.starts(with: Array("\"v".utf8)) && bytes.contains(UInt8(ascii: "."))
    }
}
