import HiredisClient
import Modeler
import RESP

@testable import ModelerRedis

/// Whatever a script, the index or a scan answers is understood or refused.
enum ScriptTarget {
    private static let id = ModelID(42)
    private static let operation = Array("abcdef".utf8)
    private static let keys = RedisKeySpace(prefix: "p:", name: "models")
    private static let names = ["a", "b", "c"]
    /// Never connected: no answer here names a connection.
    private static let collection: RedisCollection = {
        do {
            return try RedisCollection(url: "redis://127.0.0.1:1", name: "models")
        } catch {
            fatalError("no collection: \(error)")
        }
    }()

    static func run(_ input: [UInt8]) {
        guard let replies = LineReply.replies(input) else { return }
        if let answer = ScriptAnswer(replies, operation: operation) { check(answer, of: replies) }
        if let answer = OwnershipAnswer(replies, operation: operation) {
            let ownership = answer.ownership
            for id in ownership.owned + ownership.reserved + ownership.condemned { check(id) }
        }
        for element in replies.reply.elements {
            if let text = element.string {
                if let id = keys.id(ofRecord: text) {
                    check(id)
                    require(keys.record(id) == text, "the record of \(id) isn't \(text)")
                }
                if let owner = keys.owner(ofKey: text) {
                    require(keys.owner(owner) == text, "the key of \(owner) isn't \(text)")
                }
            }
            if let entry = ListingEntry(member: element, score: element) { check(entry.id) }
        }
        guard replies.reply.kind == .array, replies.reply.count >= 2 else { return }
        if let entry = ListingEntry(member: replies.reply[0], score: replies.reply[1]) {
            check(entry.id)
            require(replies.reply[0].string == entry.member, "\(entry.member) isn't the member")
        }
    }

    private static func check(_ answer: ScriptAnswer, of replies: RESPReplies) {
        let names = Array(names.prefix(max(0, replies.reply.count - 9)))
        _ = answer.refusal
        if let commit = try? answer.commit(names: names) {
            require(commit.revision > 0, "the revision \(commit.revision)")
            require(commit.values.map(\.name) == names, "the values of \(commit.values.map(\.name))")
            _ = commit.lifetime.remaining
            _ = commit.updated.description
        }
        if let model = try? answer.current(id, in: collection) { _ = model.lifetime?.remaining }
        if let commit = try? answer.replayedCommit(of: id, in: collection, names: names) {
            _ = commit.lifetime.remaining
        }
    }

    /// An id that was read is one that could have been written.
    private static func check(_ id: ModelID) {
        require((try? ModelID(id.rawValue)) == id, "no id: \(id)")
    }
}
