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

    init(first: RESPNode, nodes: [RESPNode], arena: [UInt8], count: Int, containsError: Bool) {
        self.first = first
        self.nodes = nodes
        self.arena = arena
        self.count = count
        self.containsError = containsError
    }

    /// The reply to the request's first or only command.
    package var reply: RESPReply { RESPReply(node: first, index: 0, nodes: nodes, arena: arena) }

    /// The reply to command `position` of the request.
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
        return (0..<count).lazy.map { self[$0] }.first { $0.kind == .error }
    }
}
