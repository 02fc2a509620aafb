import RESP

/// A write on one key that has to be in effect on whichever server becomes the master: one that may run any number of
/// times, and changes nothing where it is in effect already.
package struct RepeatedWrite: Sendable {
    enum Effect: Sendable {
        case removal
        case script(RedisScript, arguments: [String])
    }

    let key: String
    /// Of two writes on one key the one with the greater number is kept, of equal ones the later.
    let order: Int
    let effect: Effect

    private init(key: String, order: Int, effect: Effect) {
        self.key = key
        self.order = order
        self.effect = effect
    }

    /// Removes a key, for which no other write is kept from then on.
    package static func removal(of key: String) -> RepeatedWrite {
        RepeatedWrite(key: key, order: .max, effect: .removal)
    }

    /// Runs a script on a key.
    ///
    /// - Parameter order: Of two writes on one key the one with the greater number is kept, of equal ones the later.
    package static func script(
        _ script: RedisScript, key: String, arguments: [String], order: Int
    ) -> RepeatedWrite {
        RepeatedWrite(key: key, order: order, effect: .script(script, arguments: arguments))
    }

    /// About how much memory it takes.
    var byteCount: Int {
        var count = key.utf8.count + 128
        if case .script(_, let arguments) = effect { count += arguments.reduce(0) { $0 + $1.utf8.count + 32 } }
        return count
    }

    /// It alone, with the source of its script.
    var request: RESPRequest {
        var sent: Set<String> = []
        return RESPRequest.build(capacity: byteCount + 4_096) { encode(&$0, sent: &sent) }
    }

    /// Writes the command.
    ///
    /// - Parameter sent: The scripts whose source is in the same request already.
    func encode(_ encoder: inout RESPEncoder, sent: inout Set<String>) {
        guard case .script(let script, let arguments) = effect else {
            encoder.command("DEL", argumentCount: 2)
            encoder.key(key)
            return
        }
        let isNew = sent.insert(script.digest).inserted
        encoder.command(isNew ? "EVAL" : "EVALSHA", argumentCount: 3 + 1 + arguments.count)
        encoder.argument(isNew ? script.source : script.digest)
        encoder.argument(1)
        encoder.key(key)
        for argument in arguments { encoder.argument(argument) }
    }
}
