import Modeler

extension RecordHead {
    /// Reads the record's field `@`.
    ///
    /// - Throws: ``RecordFault/newer`` where its version is greater than ours, ``RecordFault/unreadable(_:)`` for
    ///   anything else that isn't eight numbers up to 2^53 - 1, or times whose sums are beyond.
    init(metadata bytes: ArraySlice<UInt8>) throws(RecordFault) {
        var reader = DecimalReader(bytes)
        let blank = UInt8(ascii: " ")
        guard let version = reader.number(endingIn: blank) else { throw .unreadable("its field '@' has no version") }
        guard version <= RecordLayout.version else { throw .newer }
        guard version == RecordLayout.version,
            let revision = reader.number(endingIn: blank),
            let created = reader.number(endingIn: blank),
            let updated = reader.number(endingIn: blank),
            let idle = reader.number(endingIn: blank),
            let absolute = reader.number(endingIn: blank),
            let expires = reader.number(endingIn: blank),
            reader.number(endingIn: blank) != nil, reader.rest.isEmpty,
            let head = RecordHead(
                revision: revision,
                created: created,
                updated: created + updated,
                idle: idle,
                absolute: absolute,
                expires: expires == 0 ? 0 : created + expires
            )
        else { throw .unreadable("its field '@' isn't eight numbers within 2^53 - 1") }
        self = head
    }

    /// Takes numbers as scripts answer them: 0 stands for none in limits and deadline.
    init?(revision: Int, created: Int, updated: Int, idle: Int, absolute: Int, expires: Int) {
        self.init(
            revision: Int64(revision),
            created: Int64(created),
            updated: Int64(updated),
            idle: idle == 0 ? nil : Int64(idle),
            absolute: absolute == 0 ? nil : Int64(absolute),
            deadline: expires == 0 ? nil : Int64(expires)
        )
    }
}
