import NIOCore
package import RESP

/// The reply about one of several keys.
package struct KeyedReply: Sendable {
    package let reply: RESPReply
    /// The reply to what ended the same request.
    package let closing: RESPReply
    /// The replies that came with it.
    package let replies: RESPReplies
}

extension RedisClient {
    /// Asks the same of each of some keys: all in one request, or in a Redis Cluster in one for each node that has some
    /// of them, and once more for a key that is on its way to another node. For reads only, as each may be repeated.
    ///
    /// - Parameters:
    ///   - capacity: An estimate of the bytes for one key.
    ///   - closing: A command without a key that ends each request.
    ///   - write: Writes one command on a key.
    /// - Returns: The replies in the order of the keys; errors that the server answers are among them.
    package func sendForEach<Key>(
        _ keys: some RandomAccessCollection<Key>, capacity: Int, closing: RESPRequest,
        lane: RequestLane = .interactive, write: (inout RESPEncoder, Key) -> Void
    ) async throws(RedisError) -> [KeyedReply] {
        guard !keys.isEmpty else { return [] }
        guard cluster != nil else {
            let request = RESPRequest.build(capacity: 64 + keys.count * capacity) { encoder in
                for key in keys { write(&encoder, key) }
                encoder.append(closing)
            }
            return Self.keyed(try await read(request, lane: lane))
        }
        let requests = keys.map { key in
            RESPRequest.build(capacity: 32 + capacity) { encoder in write(&encoder, key) }
        }
        return try await sendByNode(requests, closing: closing, lane: lane)
    }

    private func sendByNode(
        _ requests: [RESPRequest], closing: RESPRequest, lane: RequestLane
    ) async throws(RedisError) -> [KeyedReply] {
        let end = NIODeadline.now() + .nanoseconds(Int64(clamping: defaultTimeout))
        var replies = [KeyedReply?](repeating: nil, count: requests.count)
        try await send(groups(of: requests), of: requests, closing: closing, lane: lane, until: end, into: &replies)
        // What was redirected is asked for by itself, so that each follows its own way.
        let redirected = replies.indices.filter { position in replies[position].map(Self.isElsewhere) ?? true }
        if !redirected.isEmpty {
            try await send(
                redirected.map { [$0] }, of: requests, closing: closing, lane: lane, until: end, into: &replies)
        }
        return replies.compactMap { $0 }
    }

    private static func isElsewhere(_ reply: KeyedReply) -> Bool {
        guard reply.reply.kind == .error else { return false }
        let kind = RedisError(reply: reply.reply).code.serverErrorKind
        return kind == .moved || kind == .ask
    }

    /// Positions of requests, of which those of a group are for one node.
    private func groups(of requests: [RESPRequest]) -> [[Int]] {
        var groups: [[Int]] = []
        var places: [ObjectIdentifier?: Int] = [:]
        for (position, request) in requests.enumerated() {
            let node = (try? router.node(for: request)).map(ObjectIdentifier.init)
            if let place = places[node] {
                groups[place].append(position)
            } else {
                places[node] = groups.count
                groups.append([position])
            }
        }
        return groups
    }

    /// Sends each group as one request, all at once.
    private func send(
        _ groups: [[Int]], of requests: [RESPRequest], closing: RESPRequest, lane: RequestLane,
        until end: NIODeadline, into replies: inout [KeyedReply?]
    ) async throws(RedisError) {
        let results = await withTaskGroup(of: (Int, Result<RESPReplies, RedisError>).self) { tasks in
            for (index, group) in groups.enumerated() {
                let request = RESPRequest.joined(group.map { requests[$0] } + [closing])
                tasks.addTask {
                    let rest = max(1, (end - .now()).nanoseconds)
                    return (
                        index, await self.exchangeRead(request, timeout: .nanoseconds(rest), lane: lane)
                    )
                }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        for (index, result) in results {
            for (position, reply) in zip(groups[index], Self.keyed(try result.get())) { replies[position] = reply }
        }
    }

    /// The replies to requests about keys and to what ended them. In one walk, as a reply's place isn't known before.
    private static func keyed(_ replies: RESPReplies) -> [KeyedReply] {
        var all = Array(replies)
        guard let closing = all.popLast() else { return [] }
        return all.map { KeyedReply(reply: $0, closing: closing, replies: replies) }
    }
}
