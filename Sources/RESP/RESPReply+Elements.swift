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

    /// Calls `body` with each two elements in a row, for an array of strings such as the reply to HGETALL. Cheaper
    /// than ``elements``, which hands out a value that holds all of the reply for each.
    ///
    /// - Parameter body: Takes a name's bytes, a value's bytes and where these are for ``slice(_:)``; says whether to
    ///   go on.
    /// - Returns: `false` where an element is no string, or `body` said so; it may have been called before.
    package func forEachPair(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool
    ) -> Bool {
        guard node.kind == .array, node.count.isMultiple(of: 2) else { return false }
        return arena.withUnsafeBytes { bytes in
            for position in stride(from: index + 1, to: index + 1 + count, by: 2) {
                guard let name = nodes[position].byteRange, let value = nodes[position + 1].byteRange,
                    body(
                        UnsafeRawBufferPointer(rebasing: bytes[name]), UnsafeRawBufferPointer(rebasing: bytes[value]),
                        value)
                else { return false }
            }
            return true
        }
    }

    /// Bytes of the reply, without a copy.
    package func slice(_ range: Range<Int>) -> ArraySlice<UInt8> { arena[range] }

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
