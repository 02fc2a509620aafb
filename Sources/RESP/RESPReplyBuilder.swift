private import CHiredis

/// Gathers what hiredis reports into one flat value. C holds a pointer to it, so it must not move.
struct RESPReplyBuilder: ~Copyable {
    private let limits: RESPLimits

    /// Why the peer was refused, when one of the checks here did it.
    private(set) var failure: RESPError?

    private var rootCount = 0
    private var containsError = false
    /// The bytes of the only string so far, made at once at its final size.
    private var soleBytes: [UInt8]?
    private var sole: RESPNode?
    private var nodes: [RESPNode] = []
    private var arena: [UInt8] = []
    private var announcedElements = 0
    /// The string bytes of the replies that are complete.
    private var completeBytes = 0
    /// The arrays that are not complete, and how many elements the one around each lacks.
    private var open: [(index: Int, outerRemaining: Int)] = []
    /// How many elements the innermost of them lacks.
    private var remaining = 0

    init(limits: RESPLimits) {
        self.limits = limits
        open.reserveCapacity(8)
    }

    /// Why a bulk string of this length would be refused now.
    func refusal(ofBulkLength length: Int64) -> RESPError? {
        if length > Int64(limits.maximumBulkBytes) {
            return RESPError(.tooLong, "a string of more than \(limits.maximumBulkBytes) bytes is announced")
        }
        if length > Int64(limits.maximumReplyBytes - (byteCount - completeBytes)) {
            return RESPError(.tooLong, "a reply of more than \(limits.maximumReplyBytes) bytes is announced")
        }
        return refusal(ofMore: length)
    }

    /// Why so many bytes more would be refused, whatever reply they are of: they are all in one piece of memory.
    private func refusal(ofMore length: Int64) -> RESPError? {
        guard length > Int64(Int32.max) - Int64(byteCount) else { return nil }
        return RESPError(.tooLong, "the replies to one request have more than \(Int32.max) bytes")
    }

    /// Takes what was gathered and starts anew.
    mutating func take() -> RESPReplies {
        defer { reset() }
        if let sole {
            return RESPReplies(
                first: sole,
                nodes: [],
                arena: soleBytes ?? [],
                count: rootCount,
                containsError: containsError
            )
        }
        // Copies, so that the value is as large as it must be and the scratch space stays here for the next one.
        let exactNodes = nodes.withUnsafeBufferPointer { Array($0) }
        let exactArena = arena.withUnsafeBufferPointer { Array($0) }
        return RESPReplies(
            first: exactNodes[0],
            nodes: exactNodes,
            arena: exactArena,
            count: rootCount,
            containsError: containsError
        )
    }

    mutating func reset() {
        rootCount = 0
        containsError = false
        sole = nil
        soleBytes = nil
        announcedElements = 0
        completeBytes = 0
        // Scratch space of usual size is kept; that of a rare large reply is given back.
        nodes.removeAll(keepingCapacity: nodes.capacity <= 4096)
        arena.removeAll(keepingCapacity: arena.capacity <= 256 << 10)
    }

    /// Counts the reply that hiredis says is complete.
    mutating func endRoot() {
        rootCount += 1
        announcedElements = 0
        completeBytes = byteCount
    }

    private var byteCount: Int { arena.count + (soleBytes?.count ?? 0) }
}

extension RESPReplyBuilder {
    mutating func addString(type: Int32, bytes: UnsafeRawBufferPointer) -> Bool {
        let kind: RESPKind
        switch type {
        case REDIS_REPLY_STRING:
            kind = .bulkString
            if let refusal = refusal(ofBulkLength: Int64(bytes.count)) { return refuse(refusal) }
            // hiredis hands out a bulk string only once its terminator's two bytes are in the same buffer.
            guard let base = bytes.baseAddress,
                base.load(fromByteOffset: bytes.count, as: UInt8.self) == 0x0D,
                base.load(fromByteOffset: bytes.count + 1, as: UInt8.self) == 0x0A
            else { return refuse(RESPError(.malformed, "a string does not end where it said")) }
        case REDIS_REPLY_STATUS, REDIS_REPLY_ERROR:
            kind = type == REDIS_REPLY_STATUS ? .simpleString : .error
            if bytes.count > limits.maximumLineBytes { return refuse(RESPError(.tooLong, "a line is too long")) }
            if bytes.count > limits.maximumReplyBytes - (byteCount - completeBytes) {
                return refuse(RESPError(.tooLong, "a reply is too long"))
            }
            if let refusal = refusal(ofMore: Int64(bytes.count)) { return refuse(refusal) }
            for byte in bytes where byte == 0x0D || byte == 0x0A {
                return refuse(RESPError(.malformed, "a line holds a stray line break"))
            }
            if kind == .error, open.isEmpty { containsError = true }
        default:
            return refuse(RESPError(.unsupportedType, "a type of RESP3"))
        }
        if isFirst {
            soleBytes = RESPReplyBuilder.shared(kind, bytes) ?? Array(bytes)
            sole = RESPNode(kind: kind, count: UInt32(bytes.count), end: 1)
            return true
        }
        spill()
        let offset = arena.count
        arena.append(contentsOf: bytes)
        append(RESPNode(kind: kind, value: Int64(offset), count: UInt32(bytes.count), end: 0))
        return true
    }

    mutating func addInteger(type: Int32, value: Int64) -> Bool {
        guard type == REDIS_REPLY_INTEGER else { return refuse(RESPError(.unsupportedType, "a type of RESP3")) }
        return addScalar(RESPNode(kind: .integer, value: value, end: 1))
    }

    mutating func addNull(type: Int32) -> Bool {
        guard type == REDIS_REPLY_STRING || type == REDIS_REPLY_ARRAY else {
            return refuse(RESPError(.unsupportedType, "a type of RESP3"))
        }
        return addScalar(RESPNode(kind: .null, end: 1))
    }

    mutating func addArray(type: Int32, depth: Int, count: Int64) -> Bool {
        guard type == REDIS_REPLY_ARRAY else { return refuse(RESPError(.unsupportedType, "a type of RESP3")) }
        guard depth < limits.maximumDepth else {
            return refuse(RESPError(.tooDeep, "arrays nested deeper than \(limits.maximumDepth)"))
        }
        guard count <= Int64(limits.maximumElements - announcedElements) else {
            return refuse(RESPError(.tooManyElements, "more than \(limits.maximumElements) elements are announced"))
        }
        announcedElements += Int(count)
        spill()
        let index = nodes.count
        nodes.append(RESPNode(kind: .array, count: UInt32(count), end: UInt32(index + 1)))
        if count > 0 {
            open.append((index, remaining))
            remaining = Int(count)
        } else {
            closeOne()
        }
        return true
    }

    private var isFirst: Bool { rootCount == 0 && open.isEmpty && nodes.isEmpty }

    private mutating func addScalar(_ node: RESPNode) -> Bool {
        if isFirst {
            sole = node
        } else {
            spill()
            append(node)
        }
        return true
    }

    /// Moves a lone first scalar to where more can follow it.
    private mutating func spill() {
        guard var node = sole else { return }
        if let bytes = soleBytes {
            arena.append(contentsOf: bytes)
            node.value = 0
        }
        nodes.append(node)
        sole = nil
        soleBytes = nil
    }

    private mutating func append(_ node: RESPNode) {
        var node = node
        node.end = UInt32(nodes.count + 1)
        nodes.append(node)
        closeOne()
    }

    /// An element is complete: counts it in its array, and that array in its own when it was the last.
    private mutating func closeOne() {
        while !open.isEmpty {
            remaining -= 1
            guard remaining == 0 else { return }
            let complete = open.removeLast()
            nodes[complete.index].end = UInt32(nodes.count)
            remaining = complete.outerRemaining
        }
    }

    private mutating func refuse(_ error: RESPError) -> Bool {
        failure = error
        return false
    }

    private static let okay = Array("OK".utf8)

    /// The bytes of a status that is in almost every reply to a write.
    private static func shared(_ kind: RESPKind, _ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        kind == .simpleString && bytes.count == 2 && bytes[0] == 0x4F && bytes[1] == 0x4B ? okay : nil
    }
}
