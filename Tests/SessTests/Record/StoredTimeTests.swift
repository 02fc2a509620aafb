import Modeler
import Testing

@testable import Sess

/// T5: times in records at the ends of what can be written.
@Suite struct StoredTimeTests {
    static let instants = [Int64.min, -1, 0, 1, 999_999_999_999_999_999, 1_000_000_000_000_000_000, .max]
        .map(Timestamp.init(milliseconds:))

    @Test("A section's record survives at the ends of time; signs, fractions and 2^63 are no time", arguments: instants)
    func sections(_ until: Timestamp) throws {
        for holder in [0, 1, UInt64.max] {
            let record = SectionRecord(holder: holder, until: until)
            #expect(SectionRecord(record.encoded) == record)
            for now in Self.instants { _ = max(record.until - now, .zero) }
        }
        for wrong in [
            "", "1", "1 ", " 1", "1 -1", "1 +1", "1 1.5", "1 9223372036854775808", "1 1000000000000000000", "g 1",
            "-1 1",
            "+1 1", "10000000000000000 1", "1 1 1",
        ] {
            #expect(SectionRecord(try EncodedJSON(encoding: wrong)) == nil, "\(wrong)")
        }
        #expect(SectionRecord(try EncodedJSON(encoding: 7)) == nil)
    }

    @Test("A field's deadline survives at the ends of time; what is no time is none", arguments: instants)
    func deadlines(_ instant: Timestamp) throws {
        func deadline(_ value: EncodedJSON) -> Timestamp? {
            let field = Field(name: "otp", value: .null, revision: 3)
            let fields = Fields([field, Field(name: FieldDeadline.fieldName("otp"), value: value, revision: 3)])
            return FieldDeadline.of(field, in: fields)
        }
        #expect(deadline(FieldDeadline.encoded(instant)) == StoredTime.nearest(instant))
        for wrong in ["-1", "1.5", "1e3", "9223372036854775808", "1000000000000000000", "true", "null", "\"1\""] {
            #expect(deadline(EncodedJSON(unchecked: ArraySlice(wrong.utf8))) == nil, "\(wrong)")
        }
    }

    private func model(_ fields: Field...) -> Model {
        let time = Timestamp(milliseconds: 1)
        return Model(id: ModelID(1), revision: 1, created: time, updated: time, fields: Fields(fields))
    }

    @Test("An owner's record has whole numbers that Int64 holds, and others make it unreadable, not a trap")
    func owners() throws {
        func record(_ text: String) throws -> OwnerRecord? {
            let field = Field(
                name: OwnerRecord.fieldName, value: EncodedJSON(unchecked: ArraySlice(text.utf8)), revision: 1)
            return try OwnerRecord.read(model(field))
        }
        for number in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            let record = try #require(try record(#"{"user":"a","epoch":\#(number),"at":\#(number)}"#))
            let session = UserSession(model(), record)
            #expect(session.signedIn.milliseconds == record.at)
        }
        for number in ["9223372036854775808", "1.5", "1e30", "\"1\"", "true"] {
            #expect(throws: ModelError.self) { try record(#"{"user":"a","epoch":1,"at":\#(number)}"#) }
            #expect(throws: ModelError.self) { try record(#"{"user":"a","epoch":\#(number)}"#) }
        }
    }

    @Test("An instant before the first one or after the last is the nearest")
    func sums() {
        #expect(Timestamp(milliseconds: .max) + .seconds(1) == Timestamp(milliseconds: .max))
        #expect(Timestamp(milliseconds: .min) + .seconds(-1) == Timestamp(milliseconds: .min))
        #expect(Timestamp(milliseconds: 0) + .seconds(Int64.min) == Timestamp(milliseconds: .min))
    }
}
