extension RESPReply {
    /// The elements of an array, in order; empty for any other kind.
    package var elements: Elements { Elements(reply: self) }

    /// Element `position` of an array. Costs one step where no element is an array, else a walk.
    package subscript(position: Int) -> RESPReply {
        precondition(node.kind == .array && position >= 0 && position < count, "no such element")
        var next = index + 1
        if Int(node.end) == next + count {
            next += position
        } else {
            for _ in 0..<position { next = Int(nodes[next].end) }
        }
        return RESPReply(node: nodes[next], index: next, nodes: nodes, arena: arena)
    }

    package struct Elements: Sequence, Sendable {
        fileprivate let reply: RESPReply

        package func makeIterator() -> Iterator {
            let remaining = reply.node.kind == .array ? reply.count : 0
            return Iterator(reply: reply, position: reply.index + 1, remaining: remaining)
        }

        package var underestimatedCount: Int { reply.node.kind == .array ? reply.count : 0 }
    }

    package struct Iterator: IteratorProtocol, Sendable {
        fileprivate let reply: RESPReply
        fileprivate var position: Int
        fileprivate var remaining: Int

        package mutating func next() -> RESPReply? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            let node = reply.nodes[position]
            defer { position = Int(node.end) }
            return RESPReply(node: node, index: position, nodes: reply.nodes, arena: reply.arena)
        }
    }
}
