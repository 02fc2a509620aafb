import Modeler
import RESP

/// What an owner's script answered.
struct OwnershipAnswer {
    enum Word: String {
        case known, full, reserved, condemned, owned, revoked
    }

    let word: Word
    let ownership: Ownership

    /// `nil` where the answer is none of a script's, or names another operation.
    init?(_ reply: RESPReply, operation: [UInt8]) {
        guard reply.kind == .array, reply.count == 4, let word = reply[0].string.flatMap(Word.init),
            let echo = reply[1].bytes, echo.elementsEqual(operation),
            let epoch = reply[2].string.flatMap(Int.init), reply[3].kind == .array
        else { return nil }
        var ownership = Ownership(epoch: epoch)
        for member in reply[3].elements {
            guard let text = member.string, let mark = text.utf8.first else { return nil }
            switch mark {
            case UInt8(ascii: "@"): continue
            case UInt8(ascii: "+"):
                guard let id = try? ModelID(String(text.dropFirst())) else { return nil }
                ownership.reserved.append(id)
            case UInt8(ascii: "!"):
                guard let id = try? ModelID(String(text.dropFirst())) else { return nil }
                ownership.condemned.append(id)
            default:
                guard let id = try? ModelID(text) else { return nil }
                ownership.owned.append(id)
            }
        }
        self.word = word
        self.ownership = ownership
    }
}
