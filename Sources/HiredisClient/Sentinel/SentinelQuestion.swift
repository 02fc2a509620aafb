import RESP

/// What Sentinels and the servers that they name are asked, and what the answers mean.
enum SentinelQuestion {
    /// The answer of a Sentinel.
    enum Answer: Sendable, Equatable {
        case master(RedisConfiguration.Address, epoch: Int)
        /// It doesn't watch a master of this name.
        case unknownName
    }

    /// Asks for the master's address, which changes as soon as a replica is promoted, and for the epoch of the
    /// configuration.
    static func master(named name: String) -> RESPRequest {
        .build(capacity: 128) { encoder in
            encoder.command("SENTINEL", argumentCount: 3)
            encoder.argument("GET-MASTER-ADDR-BY-NAME")
            encoder.argument(name)
            encoder.command("SENTINEL", argumentCount: 3)
            encoder.argument("MASTER")
            encoder.argument(name)
        }
    }

    static func answer(_ replies: RESPReplies) throws(RedisError) -> Answer {
        let (address, details) = (replies[0], replies[1])
        if address.kind == .null { return .unknownName }
        if let error = replies.firstError {
            let failure = RedisError(reply: error)
            if failure.message.contains("No such master") { return .unknownName }
            throw failure
        }
        guard address.kind == .array, address.count == 2, let host = address[0].string,
            let port = address[1].string.flatMap(Int.init), (1...65535).contains(port), details.kind == .array
        else { throw RedisError(.protocolError, "a Sentinel's answer names no address") }
        var epoch = 0
        for index in stride(from: 0, to: details.count - 1, by: 2) where details[index].equals("config-epoch") {
            epoch = details[index + 1].string.flatMap(Int.init) ?? 0
        }
        return .master(.host(host, port: port), epoch: epoch)
    }

    /// Asks for the other Sentinels of a master.
    static func others(of name: String) -> RESPRequest { .command("SENTINEL", "SENTINELS", name) }

    static func others(_ replies: RESPReplies) -> [RedisConfiguration.Address] {
        guard replies.reply.kind == .array else { return [] }
        return replies.reply.elements.compactMap { sentinel in
            guard sentinel.kind == .array else { return nil }
            var host: String?
            var port: Int?
            for index in stride(from: 0, to: sentinel.count - 1, by: 2) {
                if sentinel[index].equals("ip") { host = sentinel[index + 1].string }
                if sentinel[index].equals("port") { port = sentinel[index + 1].string.flatMap(Int.init) }
            }
            guard let host, !host.isEmpty, let port, (1...65535).contains(port) else { return nil }
            return .host(host, port: port)
        }
    }

    /// Asks a server whether it is a master, and whether it takes writes: a script that may write is refused by a
    /// replica, and does nothing. A server older than Redis 7 doesn't know the flag and refuses the script itself.
    static let role = RESPRequest.build(capacity: 128) { encoder in
        encoder.command("ROLE", argumentCount: 1)
        encoder.append(ReadFence.request)
    }

    static func verdict(
        _ replies: RESPReplies, endpoint: (RedisConfiguration.Address) -> RedisEndpoint
    ) -> SentinelMachine.Verdict {
        let (role, fence) = (replies[0], replies[1])
        if fence.kind == .error, let bytes = fence.bytes {
            switch RedisServerErrorKind(message: bytes) {
            case .readOnly: return .replica(of: RoleCheck.master(in: role).map(endpoint))
            case .loading, .masterDown, .noAuth, .busy: return .unreachable
            default: break
            }
        }
        switch RoleCheck.answer(role) {
        case .isMaster, .unknown: return .master
        case .refused: return .replica(of: RoleCheck.master(in: role).map(endpoint))
        }
    }
}
