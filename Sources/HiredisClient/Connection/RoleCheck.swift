import RESP

/// The question whether a server is a master, and what its answer means.
///
/// A replica serves reads that may be old, or of a copy that is still being filled: it must not pass for a master.
enum RoleCheck {
    static let request = RESPRequest.command("ROLE")

    enum Answer {
        case isMaster
        /// The server doesn't know the command, or doesn't let this user run it. It needn't be asked again.
        case unknown
        case refused(RedisError)
    }

    /// The master that a replica follows.
    static func master(in reply: RESPReply) -> RedisConfiguration.Address? {
        guard reply.kind == .array, reply.count > 2, reply[0].equals("slave"), let host = reply[1].string,
            let port = reply[2].integer, (1...65535).contains(port), !host.isEmpty
        else { return nil }
        return .host(host, port: Int(port))
    }

    /// How many replicas are connected to a master and have its data.
    static func replicaCount(in reply: RESPReply) -> Int? {
        guard reply.kind == .array, reply.count > 2, reply[0].equals("master"), reply[2].kind == .array else {
            return nil
        }
        return reply[2].count
    }

    static func answer(_ reply: RESPReply) -> Answer {
        if reply.kind == .error {
            let error = RedisError(reply: reply)
            return HandshakeStep.isDispensable(reply) ? .unknown : .refused(error)
        }
        guard reply.kind == .array, reply.count > 0 else { return .unknown }
        let role = reply[0]
        if role.equals("slave") {
            let place = master(in: reply).map { " (master at \($0))" } ?? ""
            return .refused(RedisError(.server(.readOnly), "the server is a replica\(place), not a master"))
        }
        if role.equals("sentinel") {
            return .refused(RedisError(.connectFailed, "the server is a Sentinel, not a master"))
        }
        return role.equals("master") ? .isMaster : .unknown
    }
}
