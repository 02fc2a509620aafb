import Modeler

/// Who holds a session's exclusive section, and until when: its save-only field ``fieldName``.
///
/// It is a field of the session's own record, because what guards a write has to be checked in the same atomic step as
/// the write. Each holder writes it anew, so the field's revision grows from one to the next. Stored as a JSON text,
/// `"<holder> <until>"`, `until` in milliseconds since 1970 on the store's clock.
struct SectionRecord: Sendable, Equatable {
    /// The field of a session's model that holds the record.
    static let fieldName = ReservedField.section

    /// What no other holder has.
    var holder: UInt64

    /// From when on the section is anybody's.
    var until: Timestamp

    init(holder: UInt64, until: Timestamp) {
        self.holder = holder
        self.until = StoredTime.nearest(until)
    }

    /// Reads the stored field; `nil` where it is none. A field that can't be read holds nobody up.
    init?(_ field: EncodedJSON) {
        guard let text = try? field.decode(String.self) else { return nil }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].first != "+", let holder = UInt64(parts[0], radix: 16),
            let until = StoredTime.read(parts[1].utf8)
        else { return nil }
        self.init(holder: holder, until: until)
    }

    /// The record of a model; `nil` where nobody has entered.
    static func read(_ model: Model) -> SectionRecord? {
        model.fields[fieldName].flatMap { SectionRecord($0.value) }
    }

    /// The field's value.
    var encoded: EncodedJSON {
        EncodedJSON(unchecked: ArraySlice("\"\(String(holder, radix: 16)) \(until.milliseconds)\"".utf8))
    }
}

/// The section that a request holds.
struct HeldSection: Sendable {
    /// What the record names while the section is held.
    var holder: UInt64

    /// The revision of the record's field as it was last read or written. Every commit of the request expects it.
    var revision: Revision

    /// What a commit expects, so that it is refused once somebody else holds the section.
    var expectation: Change.FieldRevision {
        Change.FieldRevision(name: SectionRecord.fieldName, revision: revision)
    }

    /// The lease with the revision that a model as it is now has of it.
    func renewed(in current: Model) -> HeldSection {
        HeldSection(holder: holder, revision: current.fields.revision(of: SectionRecord.fieldName))
    }
}
