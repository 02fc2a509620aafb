import NIOCore
import RESP

/// How far a scan of all keys has come.
package struct ScanPosition: Sendable, Equatable {
    /// The server's own cursor.
    var cursor: UInt64 = 0
    var node: Node?

    /// In a Redis Cluster, the node that is gone through.
    struct Node: Sendable, Equatable {
        /// How the slots were distributed when the scan began.
        var fingerprint: UInt64
        var name: String
    }

    /// As text, for a caller to keep.
    package var text: String {
        node.map { "\(cursor)@\(String($0.fingerprint, radix: 16))@\($0.name)" } ?? "\(cursor)"
    }
}

extension RedisClient {
    /// Reads a position; no text is the beginning. `nil` for the position of no such scan.
    package func scanPosition(_ text: String?) -> ScanPosition? {
        guard let text else { return ScanPosition() }
        let parts = text.split(separator: "@", maxSplits: 2, omittingEmptySubsequences: false)
        guard let cursor = UInt64(parts[0]), parts.count == (cluster == nil ? 1 : 3) else { return nil }
        guard cluster != nil else { return ScanPosition(cursor: cursor) }
        guard let fingerprint = UInt64(parts[1], radix: 16) else { return nil }
        return ScanPosition(cursor: cursor, node: .init(fingerprint: fingerprint, name: String(parts[2])))
    }

    /// One step through all keys, as SCAN does it. In a Redis Cluster it goes through one master after the other, and
    /// begins anew when slots turn out to be distributed otherwise than at the beginning.
    ///
    /// - Returns: Keys, and where the next step begins; `nil` at the end.
    package func scan(
        after position: ScanPosition, matching pattern: String, count: Int
    ) async throws(RedisError) -> (keys: [String], next: ScanPosition?) {
        guard let cluster else {
            let request = Self.scan(position.cursor, pattern, count)
            let (keys, cursor) = try keysAndCursor(try await send(request, retry: .always, lane: .bulk))
            return (keys, cursor == 0 ? nil : ScanPosition(cursor: cursor))
        }
        let end = NIODeadline.now() + .nanoseconds(Int64(clamping: defaultTimeout))
        while true {
            let (nodes, fingerprint) = try await masters(of: cluster)
            var (index, cursor) = (0, UInt64(0))
            if let node = position.node, node.fingerprint == fingerprint,
                let known = nodes.firstIndex(where: { Self.name($0) == node.name })
            {
                (index, cursor) = (known, position.cursor)
            }
            let answer = await nodes[index].link(.bulk).perform(
                Self.scan(cursor, pattern, count), timeout: UInt64(max(1, (end - .now()).nanoseconds)), retry: .always)
            if case .failure(let error) = answer {
                guard error.code.isKnownNotExecuted, error.code != .overloaded, .now() < end else { throw error }
                // Another node may be about to take its place.
                try await waitForTable(of: cluster)
                continue
            }
            let (keys, next) = try keysAndCursor(try answer.get())
            if next == 0 { index += 1 }
            if index < nodes.count {
                let node = ScanPosition.Node(fingerprint: fingerprint, name: Self.name(nodes[index]))
                return (keys, ScanPosition(cursor: next, node: node))
            }
            // What was moved meanwhile, to a node that was gone through before, may not have been seen.
            try await waitForTable(of: cluster)
            return (keys, try await masters(of: cluster).fingerprint == fingerprint ? nil : ScanPosition())
        }
    }

    private static func name(_ node: RedisNode) -> String { "\(node.endpoint.address)" }

    private static func scan(_ cursor: UInt64, _ pattern: String, _ count: Int) -> RESPRequest {
        .command("SCAN", String(cursor), "MATCH", pattern, "COUNT", String(count))
    }

    private func keysAndCursor(_ replies: RESPReplies) throws(RedisError) -> (keys: [String], cursor: UInt64) {
        let reply = replies.reply
        if reply.kind == .error { throw RedisError(reply: reply) }
        guard reply.kind == .array, reply.count == 2, let cursor = reply[0].string.flatMap(UInt64.init),
            reply[1].kind == .array
        else {
            poison(replies)
            throw RedisError(.protocolError, "SCAN was answered with something else")
        }
        return (reply[1].elements.compactMap(\.string), cursor)
    }

    private func masters(
        of cluster: ClusterRouter
    ) async throws(RedisError) -> (nodes: [RedisNode], fingerprint: UInt64) {
        if cluster.masters == nil { try await waitForTable(of: cluster) }
        guard let masters = cluster.masters else { throw RedisError(.notSent, "no node of the cluster is known") }
        return masters
    }

    /// Has the nodes asked for the slots, and waits until one has answered.
    private func waitForTable(of cluster: ClusterRouter) async throws(RedisError) {
        let generation = cluster.generation
        let end = NIODeadline.now() + .nanoseconds(Int64(clamping: defaultTimeout))
        cluster.refresh()
        while cluster.generation == generation {
            guard .now() < end else { throw RedisError(.notSent, "no node tells of the cluster") }
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                throw RedisError(.cancelledNotSent, "cancelled while no node told of the cluster")
            }
        }
    }
}
