import Modeler

/// The record's field `@`.
struct RecordMetadata {
    var revision: Revision
    var created: Timestamp
    var updated: Timestamp
    var expiry: Expiry
    var expires: Timestamp?

    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = DecimalReader(bytes)
        let blank = UInt8(ascii: " ")
        guard reader.number(endingIn: blank) == RecordLayout.version,
            let revision = reader.number(endingIn: blank),
            let created = reader.number(endingIn: blank),
            let updated = reader.number(endingIn: blank),
            let idle = reader.number(endingIn: blank),
            let absolute = reader.number(endingIn: blank),
            let expires = reader.number(endingIn: blank),
            reader.number(endingIn: blank) != nil
        else { return nil }
        self.init(
            revision: revision,
            created: created,
            updated: created + updated,
            idle: idle,
            absolute: absolute,
            expires: expires == 0 ? 0 : created + expires
        )
    }

    /// Takes numbers of milliseconds; 0 stands for none in limits and deadline.
    init(revision: Int, created: Int, updated: Int, idle: Int, absolute: Int, expires: Int) {
        self.revision = revision
        self.created = Timestamp(milliseconds: Int64(created))
        self.updated = Timestamp(milliseconds: Int64(updated))
        self.expiry = Expiry(
            idle: idle == 0 ? nil : .milliseconds(idle),
            absolute: absolute == 0 ? nil : .milliseconds(absolute)
        )
        self.expires = expires == 0 ? nil : Timestamp(milliseconds: Int64(expires))
    }
}
