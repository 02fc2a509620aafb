import HiredisClient
import Modeler
import RESP

/// The index of a collection's order, in one key. It is a hint: whether a model is there, its record says.
///
/// A record and its entry are two keys, which a cluster may keep on two servers, so they are written one after the
/// other. Whatever is stopped in between, no model is missing from the index for good:
/// - An insertion enters the index first. An entry without a record is not listed, and left alone for ``hold`` after
///   it was made, which is longer than an insertion may take; only then whoever meets it takes it out.
/// - A removal takes the record out first, and then the entry, if it has not moved since before.
/// - An id that is inserted anew while its old entry is there still gets a second, staged one, which protects it until
///   the move is made.
struct ListingIndex: Sendable {
    let client: RedisClient
    let key: String
    /// How long an entry without a record is taken for one that is being inserted. All processes must agree on it.
    let hold: Duration

    static let defaultHold: Duration = .seconds(60)

    /// Takes a place for a model that is about to be inserted.
    func stage(_ id: ModelID, _ expiry: Expiry) async throws(ModelError) -> (score: Int, isAnew: Bool) {
        let replies = try await ask(ListingScripts.stage, "staged", [id.rawValue, ListingLife.text(expiry)])
        guard replies.reply.count == 4, let score = replies.reply[2].string.flatMap(Int.init),
            let isAnew = replies.reply[3].integer
        else { throw foreign(replies) }
        return (score, isAnew == 1)
    }

    /// Makes sure that a model that is there has an entry, and gives up its staged one.
    ///
    /// - Parameter moves: Whether it moves to the place from an older one.
    func settle(_ id: ModelID, at score: Int, moves: Bool, _ expiry: Expiry) async throws(ModelError) {
        let life = ListingLife.text(expiry)
        _ = try await ask(ListingScripts.settle, "settled", [id.rawValue, String(score), moves ? "1" : "0", life])
    }

    /// Reads entries after a place.
    func look(after place: Int?, limit: Int, order: PageOrder) async throws(ModelError) -> ListingLook {
        let arguments = [place.map(String.init) ?? "", String(limit), order == .newestFirst ? "1" : "0"]
        let replies = try await ask(ListingScripts.page, "page", arguments)
        let reply = replies.reply
        guard reply.count == 4, let now = reply[2].string.flatMap(Int.init), reply[3].kind == .array,
            reply[3].count.isMultiple(of: 2)
        else { throw foreign(replies) }
        var entries: [ListingEntry] = []
        entries.reserveCapacity(reply[3].count / 2)
        var member: RESPReply?
        for element in reply[3].elements {
            guard let name = member.take() else {
                member = element
                continue
            }
            guard let entry = ListingEntry(member: name, score: element) else {
                throw ModelError(.unreadable, "what is stored as \(key) is no index of this library's")
            }
            entries.append(entry)
        }
        return ListingLook(now: now, entries: entries, last: entries.count < limit ? nil : entries.last?.score)
    }

    /// The place of an id, or `nil`.
    func score(of id: ModelID) async throws(ModelError) -> Int? {
        let request = RESPRequest.command("ZSCORE", key: key, id.rawValue)
        do {
            return try await client.send(request, retry: .always).reply.string.flatMap(Int.init)
        } catch {
            throw ModelError(reading: error)
        }
    }

    /// Takes members out whose place is still the one given. Returns how many.
    @discardableResult
    func drop(_ members: [(member: String, score: Int)]) async throws(ModelError) -> Int {
        guard !members.isEmpty else { return 0 }
        return try await count(ListingScripts.drop, "dropped", members.flatMap { [$0.member, String($0.score)] })
    }

    /// Enters models that are there and have no entry. Returns how many had none.
    func restore(_ models: [(id: ModelID, created: Timestamp)], life: String) async throws(ModelError) -> Int {
        guard !models.isEmpty else { return 0 }
        let pairs = models.flatMap { [$0.id.rawValue, String($0.created.milliseconds)] }
        return try await count(ListingScripts.restore, "restored", [life] + pairs)
    }

    /// Makes sure that the index outlives a model with these limits.
    func extend(_ expiry: Expiry) async throws(ModelError) {
        _ = try await ask(ListingScripts.extend, "extended", [ListingLife.text(expiry)])
    }

    private func count(_ script: RedisScript, _ word: String, _ arguments: [String]) async throws(ModelError) -> Int {
        let replies = try await ask(script, word, arguments)
        guard replies.reply.count == 3, let count = replies.reply[2].integer else { throw foreign(replies) }
        return Int(count)
    }

    /// Runs a script on the index. Each may run twice, so it is sent again where its connection was lost.
    private func ask(_ script: RedisScript, _ word: String, _ arguments: [String]) async throws(ModelError)
        -> RESPReplies
    {
        let mark = OperationID().text
        let replies: RESPReplies
        do {
            replies = try await client.evaluate(
                script,
                keys: [key],
                argumentCount: 1 + arguments.count,
                retry: .always
            ) { encoder in
                encoder.argument(mark)
                for argument in arguments { encoder.argument(argument) }
            }
        } catch {
            throw ModelError(redis: error)
        }
        let reply = replies.reply
        guard reply.kind == .array, reply.count >= 2, reply[0].string == word,
            let echo = reply[1].bytes, echo.elementsEqual(mark)
        else { throw foreign(replies) }
        return replies
    }

    private func foreign(_ replies: RESPReplies) -> ModelError {
        client.poison(replies)
        return ModelError(.outcomeUnknown, "Redis's answer belongs to another call; its connection was closed")
    }
}
