import Modeler
import RESP

/// What an owner's script answered.
struct OwnershipAnswer {
    enum Word: String {
        case known, full, reserved, condemned, owned, restored, revoked
    }

    let word: Word
    let epoch: OwnerEpoch
    /// Where to go on; `nil` where all is told.
    let cursor: String?
    /// The members that were told.
    let entries: [ModelID: OwnerIndex.Entry]
    /// Whether the replicas that were to confirm the write have.
    var confirmation = WriteConfirmation.confirmed
    /// What the answer was read from.
    let replies: RESPReplies

    /// `nil` where the answer is none of a script's, or names another operation.
    init?(_ replies: RESPReplies, operation: [UInt8]) {
        let reply = replies.reply
        guard reply.kind == .array, reply.count == 5, let word = reply[0].string.flatMap(Word.init),
            let echo = reply[1].bytes, echo.elementsEqual(operation),
            let epoch = reply[2].string.flatMap(Int.init), let cursor = reply[3].string,
            reply[4].kind == .array, reply[4].count.isMultiple(of: 2)
        else { return nil }
        var entries: [ModelID: OwnerIndex.Entry] = [:]
        var member: String?
        for element in reply[4].elements {
            guard let text = element.string else { return nil }
            guard let name = member.take() else {
                member = text
                continue
            }
            guard let (id, entry) = Self.entry(name, score: text) else { return nil }
            entries[id] = entry
        }
        self.replies = replies
        self.word = word
        self.epoch = epoch
        self.cursor = cursor == "0" ? nil : cursor
        self.entries = entries
    }

    /// What is known, where all is told.
    var ownership: Ownership { OwnerIndex(epoch: epoch, entries: entries).ownership }

    private static func entry(_ member: String, score: String) -> (ModelID, OwnerIndex.Entry)? {
        let standing: OwnerIndex.Standing =
            switch member.utf8.first {
            case UInt8(ascii: "+"): .reserved
            case UInt8(ascii: "!"): .condemned
            default: .owned
            }
        let text = standing == .owned ? member : String(member.dropFirst())
        guard let id = try? ModelID(text), let deadline = Double(score), !deadline.isNaN else { return nil }
        let end = deadline < 0x1p63 ? Timestamp(milliseconds: Int64(deadline)) : nil
        return (id, OwnerIndex.Entry(standing: standing, deadline: end))
    }
}
