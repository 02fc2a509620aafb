import RESP

/// What nodes of a Redis Cluster are asked, and what they answer.
enum ClusterQuestion {
    /// Asks for the slots and their masters, and for how many changes the node has heard of. CLUSTER SLOTS is what all
    /// versions have.
    static let view = RESPRequest.build(capacity: 64) { encoder in
        encoder.command("CLUSTER", argumentCount: 2)
        encoder.argument("SLOTS")
        encoder.command("CLUSTER", argumentCount: 2)
        encoder.argument("INFO")
    }

    /// - Parameters:
    ///   - asked: The node that has answered. One whose host isn't told is at the same.
    ///   - endpoint: Where the node at an announced address is reached, given the name announced with it.
    static func view(
        _ replies: RESPReplies, asked: RedisEndpoint,
        endpoint: (RedisConfiguration.Address, String?) -> RedisEndpoint
    ) throws(RedisError) -> ClusterView {
        if replies[0].kind == .error { throw RedisError(reply: replies[0]) }
        guard replies[0].kind == .array else { throw malformed }
        var view = ClusterView(ranges: [], epoch: epoch(replies[1]))
        for range in replies[0].elements {
            guard range.kind == .array, range.count >= 3, let first = range[0].integer, let last = range[1].integer,
                (0...last).contains(first), last < HashSlot.count, range[2].kind == .array, range[2].count >= 2,
                let port = range[2][1].integer, (0...65535).contains(port)
            else { throw malformed }
            guard let master = master(range[2], port: Int(port), asked: asked, endpoint: endpoint) else { continue }
            view.ranges.append(.init(slots: Int(first)...Int(last), endpoint: master))
        }
        return view
    }

    private static var malformed: RedisError {
        RedisError(.protocolError, "CLUSTER SLOTS was answered with something else")
    }

    /// Where a master is reached: `nil` where nobody knows.
    private static func master(
        _ node: RESPReply, port: Int, asked: RedisEndpoint,
        endpoint: (RedisConfiguration.Address, String?) -> RedisEndpoint
    ) -> RedisEndpoint? {
        guard port != 0 else { return nil }
        var details: [String: String] = [:]
        if node.count >= 4, node[3].kind == .array {
            for index in stride(from: 0, to: node[3].count - 1, by: 2) {
                details[node[3][index].string ?? ""] = node[3][index + 1].string
            }
        }
        let hostname = details["hostname"].flatMap { $0.isEmpty ? nil : $0 }
        switch node[0].string {
        case nil, "":
            guard case .host(let host, _) = asked.address else { return nil }
            return RedisEndpoint(.host(host, port: port), announcedName: asked.announcedName)
        case "?":
            // The node should have a name and has none.
            return details["ip"].map { endpoint(.host($0, port: port), nil) }
        case let host?:
            return endpoint(.host(host, port: port), hostname)
        }
    }

    private static func epoch(_ info: RESPReply) -> Int {
        let lines = info.kind == .bulkString ? info.string?.split(whereSeparator: \.isNewline) : nil
        let line = lines?.first { $0.hasPrefix("cluster_current_epoch:") }
        return line.flatMap { Int($0.dropFirst("cluster_current_epoch:".count)) } ?? 0
    }
}

/// What a node says of a key that it doesn't have: `MOVED 3999 127.0.0.1:6381` or `ASK …`.
struct Redirection: Equatable {
    let slot: HashSlot
    /// Empty for the host of the node that has said it.
    let host: String
    let port: Int

    init?(_ reply: RESPReply) {
        guard reply.kind == .error, let words = reply.string?.split(separator: " "), words.count >= 3,
            words[0] == "MOVED" || words[0] == "ASK", let slot = Int(words[1]).flatMap(HashSlot.init(number:)),
            let colon = words[2].lastIndex(of: ":"),
            let port = Int(words[2][words[2].index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        self.slot = slot
        host = String(words[2][..<colon])
        self.port = port
    }
}
