import Modeler
import Testing

@testable import Sess

private let scope = TokenNamespace("sess")

@Suite("Token records")
struct TokenRecordTests {
    let now = Timestamp(milliseconds: 1_000_000)

    /// What is read of a record that was stored.
    private func stored(_ record: TokenRecord) -> TokenRecord? {
        let (token, former) = record.encoded
        return self.record(
            String(decoding: token.bytes, as: UTF8.self), former.map { String(decoding: $0.bytes, as: UTF8.self) })
    }

    private func record(_ token: String, _ former: String? = nil) -> TokenRecord? {
        let texts = [(ReservedField.token, token)] + (former.map { [(ReservedField.formerToken, $0)] } ?? [])
        return TokenRecord(
            Fields(texts.map { Field(name: $0, value: EncodedJSON(unchecked: Array($1.utf8)[...]), revision: 1) }))
    }

    @Test("The valid token is accepted, another is not")
    func current() throws {
        let token = SessionToken()
        let record = try #require(stored(TokenRecord(digest: token.digest(in: scope))))
        #expect(record.standing(of: token.digest(in: scope), now: now) == .current)
        #expect(record.standing(of: SessionToken(id: token.id).digest(in: scope), now: now) == .unknown)
        #expect(record.standing(of: [], now: now) == .unknown)
    }

    @Test("C6 The token before is accepted until the grace is over, to the millisecond, and recognized afterwards")
    func grace() throws {
        let old = SessionToken()
        let new = SessionToken(id: old.id)
        let previous = TokenRecord.Previous(digest: old.digest(in: scope)[...], until: now + .seconds(5), replaced: now)
        let record = try #require(stored(TokenRecord(digest: new.digest(in: scope), previous: previous)))
        #expect(record.standing(of: new.digest(in: scope), now: now + .seconds(60)) == .current)
        #expect(record.standing(of: old.digest(in: scope), now: now + .milliseconds(4999)) == .graced)
        #expect(record.standing(of: old.digest(in: scope), now: now + .seconds(5)) == .replaced(previous))
        #expect(record.standing(of: SessionToken(id: old.id).digest(in: scope), now: now) == .unknown)
    }

    private func replacedRecord(until: Timestamp, replaced: Timestamp) throws -> (TokenRecord, digest: [UInt8]) {
        let digest = SessionToken().digest(in: scope)
        let previous = TokenRecord.Previous(digest: digest[...], until: until, replaced: replaced)
        let record = TokenRecord(digest: SessionToken().digest(in: scope), previous: previous)
        return (try #require(stored(record)), digest)
    }

    @Test("T5 A token that was replaced without a grace is dead whatever the store's clock reads")
    func noGrace() throws {
        for until in [now, now + .milliseconds(-1), Timestamp(milliseconds: 0)] {
            let (record, digest) = try replacedRecord(until: until, replaced: now)
            #expect(record.previous?.until == TokenRecord.Previous.never)
            for clock in [Int64.min, -1, 0, 1, now.milliseconds - 1, now.milliseconds, now.milliseconds + 1, .max] {
                let standing = record.standing(of: digest, now: Timestamp(milliseconds: clock))
                #expect(standing == record.previous.map { .replaced($0) }, "\(clock)")
            }
        }
    }

    @Test("T5 A clock that has stepped back behind the replacement gives no grace, however long the step")
    func steppedBack() throws {
        let (record, digest) = try replacedRecord(until: now + .seconds(5), replaced: now)
        for step in [1, 1000, 5000, 120_000, 3_600_000] {
            let standing = record.standing(of: digest, now: now + .milliseconds(-step))
            #expect(standing == record.previous.map { .replaced($0) }, "\(step)")
        }
        #expect(record.standing(of: digest, now: now) == .graced)
        #expect(record.standing(of: digest, now: now + .seconds(3600)) == record.previous.map { .replaced($0) })
    }

    @Test("T5 What is written at the ends of time is read again")
    func ends() throws {
        let instants = [Int64.min, -1, 0, 1, 999_999_999_999_999_999, 1_000_000_000_000_000_000, .max]
        for replaced in instants.map(Timestamp.init(milliseconds:)) {
            for grace in [Duration.zero, .milliseconds(1), .seconds(Int64.max)] {
                let (record, digest) = try replacedRecord(until: replaced + grace, replaced: replaced)
                for now in instants { _ = record.standing(of: digest, now: Timestamp(milliseconds: now)) }
            }
        }
    }

    @Test("T5 Times are 1 to 18 digits; a record with others is none")
    func times() {
        let (digest, former) = (String(repeating: "a", count: 43), String(repeating: "b", count: 22))
        func record(_ times: String) -> TokenRecord? {
            self.record("\"\(digest)\"", "\"\(former)\(times)\"")
        }
        #expect(record(" 17 12")?.previous?.replaced == Timestamp(milliseconds: 12))
        #expect(record(" 999999999999999999 0")?.previous?.until == Timestamp(milliseconds: 999_999_999_999_999_999))
        for wrong in [
            "", " ", " 17", " 17 ", " x", " 17 x", " 17 12 3", " -1 12", "17", " 17  12", " 17 -1", " +17 12",
            " 17 +12",
            " 1000000000000000000 1", " 9223372036854775807 1", " 9223372036854775808 1", " 1 9223372036854775808",
            " 99999999999999999999 1", " 1e3 1", " 1.5 1",
        ] {
            #expect(record(wrong) == nil, "\(wrong)")
        }
    }

    @Test(
        "E3 What is no record is none",
        arguments: ["", "\"", "\"\"", "null", "\"short\"", "\"a b c\"", "{}", "\"a b\"", "\"  \""]
    )
    func unreadable(_ text: String) {
        #expect(record(text) == nil)
        #expect(record("\"\(String(repeating: "a", count: 43))\"", text) == nil)
    }
}
