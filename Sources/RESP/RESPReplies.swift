/// The replies to one request, as many as it has commands, in one flat value.
///
/// A single string costs one allocation (its bytes), a single number, null or usual status none.
package struct RESPReplies: Sendable {
    /// The first reply; held here so that a lone scalar needs no array of nodes.
    let first: RESPNode
    /// Every node, or none when the only reply is a scalar.
    let nodes: [RESPNode]
    let arena: [UInt8]

    /// How many replies there are.
    package let count: Int

    /// Whether any of the replies themselves, not their elements, is an error.
    package let containsError: Bool

    /// Names the connection that delivered the replies. Set by the client; 0 for none.
    package var origin: UInt64 = 0

    /// Whether what was written is as durable as it was asked to be. Set by the client.
    package var isConfirmed = true

    init(first: RESPNode, nodes: [RESPNode], arena: [UInt8], count: Int, containsError: Bool) {
        self.first = first
        self.nodes = nodes
        self.arena = arena
        self.count = count
        self.containsError = containsError
    }

    /// The reply to the request's first or only command.
    package var reply: RESPReply { RESPReply(node: first, index: 0, nodes: nodes, arena: arena) }

    /// The reply to command `position` of the request. Walks there from the first; iterate where you want all.
    package subscript(position: Int) -> RESPReply {
        precondition(position >= 0 && position < count, "no such reply")
        guard position > 0 else { return reply }
        var index = 0
        for _ in 0..<position { index = Int(nodes[index].end) }
        return RESPReply(node: nodes[index], index: index, nodes: nodes, arena: arena)
    }

    /// The first reply that is an error.
    package var firstError: RESPReply? {
        guard containsError else { return nil }
        return first { $0.kind == .error }
    }
}

extension RESPReplies: Sequence {
    package func makeIterator() -> Iterator { Iterator(replies: self) }

    package var underestimatedCount: Int { count }

    package struct Iterator: IteratorProtocol, Sendable {
        private let replies: RESPReplies
        private var index = 0
        private var remaining: Int

        fileprivate init(replies: RESPReplies) {
            self.replies = replies
            remaining = replies.count
        }

        package mutating func next() -> RESPReply? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            let nodes = replies.nodes
            guard !nodes.isEmpty else { return replies.reply }
            defer { index = Int(nodes[index].end) }
            return RESPReply(node: nodes[index], index: index, nodes: nodes, arena: replies.arena)
        }
    }

    /// All but the last reply, of at least two.
    package func droppingLast() -> RESPReplies {
        precondition(count > 1, "the only reply can't be dropped")
        var index = 0
        var containsError = false
        for _ in 1..<count {
            containsError = containsError || nodes[index].kind == .error
            index = Int(nodes[index].end)
        }
        var replies = RESPReplies(
            first: first, nodes: Array(nodes[..<index]), arena: arena, count: count - 1, containsError: containsError)
        replies.origin = origin
        replies.isConfirmed = isConfirmed
        return replies
    }

    /// All but the first reply, of at least two, which is a scalar.
    package func droppingFirst() -> RESPReplies {
        precondition(count > 1 && nodes[0].end == 1, "only a scalar before another reply can be dropped")
        let rest = nodes.dropFirst().map { node in
            var node = node
            node.end -= 1
            return node
        }
        var index = 0
        var containsError = false
        while index < rest.count {
            containsError = containsError || rest[index].kind == .error
            index = Int(rest[index].end)
        }
        var replies = RESPReplies(
            first: rest[0], nodes: rest, arena: arena, count: count - 1, containsError: containsError)
        replies.origin = origin
        replies.isConfirmed = isConfirmed
        return replies
    }
}
