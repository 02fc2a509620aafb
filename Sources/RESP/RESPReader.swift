private import CHiredis

/// Turns a peer's bytes into replies: hiredis's reader with our own callbacks, limits and checks.
///
/// Feed at most ``maximumStep`` bytes, then call ``next()`` until it returns `false`. After an error the reader
/// refuses everything. Not thread-safe; owned by one connection.
package struct RESPReader: ~Copyable {
    /// hiredis's cost per reply grows with the bytes it holds; beyond this it dominates.
    package static let maximumStep = 16 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let sink: UnsafeMutablePointer<chiredis_sink>
    private let builder: UnsafeMutablePointer<RESPReplyBuilder>
    private let limits: RESPLimits
    private var failure: RESPError?

    package init(limits: RESPLimits = RESPLimits()) throws(RESPError) {
        let builder = UnsafeMutablePointer<RESPReplyBuilder>.allocate(capacity: 1)
        builder.initialize(to: RESPReplyBuilder(limits: limits))
        let sink = UnsafeMutablePointer<chiredis_sink>.allocate(capacity: 1)
        sink.initialize(
            to: chiredis_sink(
                context: UnsafeMutableRawPointer(builder),
                string: { context, type, bytes, length in
                    RESPReader.builder(context).pointee.addString(
                        type: type,
                        bytes: UnsafeRawBufferPointer(start: bytes, count: length)
                    ) ? 1 : 0
                },
                array: { context, type, depth, count in
                    RESPReader.builder(context).pointee.addArray(type: type, depth: Int(depth), count: count) ? 1 : 0
                },
                integer: { context, type, value in
                    RESPReader.builder(context).pointee.addInteger(type: type, value: value) ? 1 : 0
                },
                null: { context, type in
                    RESPReader.builder(context).pointee.addNull(type: type) ? 1 : 0
                }
            )
        )
        guard let reader = chiredis_reader_create(sink) else {
            sink.deallocate()
            builder.deinitialize(count: 1)
            builder.deallocate()
            throw RESPError(.outOfMemory, "no memory for a reader")
        }
        self.reader = reader
        self.sink = sink
        self.builder = builder
        self.limits = limits
    }

    deinit {
        redisReaderFree(reader)
        sink.deallocate()
        builder.deinitialize(count: 1)
        builder.deallocate()
    }

    /// Hands bytes to the reader, which copies them.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(RESPError) {
        precondition(bytes.count <= RESPReader.maximumStep, "feed in steps, and drain after each")
        if let failure { throw failure }
        guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
        else { throw fail(RESPError(.outOfMemory, "no memory for a reply")) }
    }

    /// Reads one more reply. Returns `false` when its bytes are not all there yet.
    package mutating func next() throws(RESPError) -> Bool {
        if let failure { throw failure }
        switch chiredis_reader_next(reader) {
        case 1:
            builder.pointee.endRoot()
            return true
        case 0:
            if let refusal = refusalOfPending() { throw fail(refusal) }
            return false
        default:
            throw fail(builder.pointee.failure ?? RESPError(.malformed, "not a Redis reply"))
        }
    }

    /// The replies read since the last ``take()`` or ``discard()``; there must be at least one.
    package mutating func take() -> RESPReplies { builder.pointee.take() }

    /// Drops the replies read since the last ``take()`` or ``discard()``.
    package mutating func discard() { builder.pointee.reset() }

    private mutating func fail(_ error: RESPError) -> RESPError {
        failure = error
        return error
    }

    private static func builder(_ context: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<RESPReplyBuilder> {
        // The sink's context is set once, in init, and never null.
        context!.assumingMemoryBound(to: RESPReplyBuilder.self)
    }
}

extension RESPReader {
    /// hiredis waits for all of a string, however long it says it will be, and for the end of a line forever.
    /// So whenever it stalls, the item that it stalls on is looked at.
    private func refusalOfPending() -> RESPError? {
        var length = 0
        guard let start = chiredis_reader_pending_bytes(reader, &length), length > 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(start: start, count: length)
        switch chiredis_reader_pending_type(reader) {
        case REDIS_REPLY_STATUS, REDIS_REPLY_ERROR:
            // Half of the line break can be there already.
            let lineLength = bytes.last == 0x0D ? length - 1 : length
            return lineLength > limits.maximumLineBytes ? RESPError(.tooLong, "a line is too long") : nil
        case REDIS_REPLY_STRING:
            guard let end = RESPReader.lineEnd(bytes) else { return RESPReader.refusal(ofUnfinishedNumber: bytes) }
            var announced: Int64 = 0
            for byte in bytes[..<end] {
                guard byte >= 0x30, byte <= 0x39 else { return RESPError(.malformed, "a length is not a number") }
                let (product, overflow) = announced.multipliedReportingOverflow(by: 10)
                guard !overflow, product <= Int64.max - 9 else {
                    return RESPError(.tooLong, "a length is beyond all bounds")
                }
                announced = product + Int64(byte - 0x30)
            }
            return builder.pointee.refusal(ofBulkLength: announced)
        default:
            return RESPReader.refusal(ofUnfinishedNumber: bytes)
        }
    }

    /// A sign and 19 digits are the longest number, and a line break can be half there.
    private static func refusal(ofUnfinishedNumber bytes: UnsafeRawBufferPointer) -> RESPError? {
        bytes.count > 21 ? RESPError(.malformed, "a number of more than 20 characters") : nil
    }

    private static func lineEnd(_ bytes: UnsafeRawBufferPointer) -> Int? {
        // A length has at most 20 characters, so the search is short however much follows.
        bytes.prefix(22).firstIndex(of: 0x0D).flatMap { $0 + 1 < bytes.count && bytes[$0 + 1] == 0x0A ? $0 : nil }
    }
}
