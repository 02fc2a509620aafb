import NIOCore
import NIOHTTP1

/// What a connection has received and not used yet, and how long it may wait for more. A value without effects: its
/// owner reads, sets timers and wakes whoever waits.
struct Intake {
    enum Part {
        case head(HTTPRequestHead)
        case body(ByteBuffer)
        case end
    }

    /// Why nothing more comes.
    enum Failure: Error, Equatable {
        /// What was received is not HTTP.
        case malformed(HTTPParserError)
        /// What was received is HTTP of another version.
        case unsupportedVersion
        /// The client sends no more, or the connection is closed.
        case closed
        /// No request came.
        case idle
        /// A request's head took too long.
        case slowHead
        /// A request's body took too long.
        case slowBody
    }

    enum Wait { case none, head, body }

    struct Limits {
        var idle: TimeAmount
        var head: TimeAmount
        var body: TimeAmount
        /// The bytes of a body that are worth a second of waiting.
        var bodyRate: Int
        /// How many bytes may lie here before reading stops.
        var window = 64 * 1024
    }

    private let limits: Limits
    private var parts = CircularBuffer<Part>(initialCapacity: 4)
    private var size = 0
    private(set) var failure: Failure?
    private(set) var wait = Wait.none
    private var waitStart = NIODeadline.uptimeNanoseconds(0)
    /// Whether a part of the next request's head is here: more than the empty lines that may come before it (RFC 9112
    /// §2.2).
    private(set) var hasBegunHead = false
    /// Whether a head has come whose request is not over.
    private var isInRequest = false
    /// Whether the current wait's deadline is the head's.
    private var isHeadTimed = false
    /// How long the current body may yet keep its reader waiting.
    private var bodyAllowance = TimeAmount.zero

    /// A head counts as this many bytes: its own length isn't known here.
    private static let headSize = 1024

    init(_ limits: Limits) { self.limits = limits }

    /// Whether more should be read.
    var wantsMore: Bool { failure == nil && size < limits.window }

    /// Whether there is something to take, be it a failure.
    var isReady: Bool { !parts.isEmpty || failure != nil }

    // MARK: Arrivals

    /// - Parameter bytes: What has come behind the last part of a body, if one came, otherwise all that has come. The
    ///   parts that are in it were received before.
    mutating func receiveBytes(_ bytes: ByteBufferView) {
        guard !isInRequest, !hasBegunHead else { return }
        hasBegunHead = Self.endsWithinHead(bytes)
    }

    /// Whether something comes after the last empty line that is more than an empty line itself.
    static func endsWithinHead(_ bytes: ByteBufferView) -> Bool {
        var lineEnds = 0
        for byte in bytes.reversed() {
            if byte == UInt8(ascii: "\n") {
                lineEnds += 1
                if lineEnds == 2 { return false }
            } else if byte != UInt8(ascii: "\r") {
                return true
            }
        }
        return false
    }

    mutating func receive(_ part: Part) {
        guard failure == nil else { return }
        switch part {
        case .head:
            size += Self.headSize
            isInRequest = true
            hasBegunHead = false
        case .body(let bytes):
            size += bytes.readableBytes
            let earned = TimeAmount.nanoseconds(Int64(bytes.readableBytes) * 1_000_000_000 / Int64(limits.bodyRate))
            bodyAllowance = min(limits.body, bodyAllowance + earned)
        case .end:
            isInRequest = false
        }
        parts.append(part)
    }

    /// The first failure counts. Parts that came before it are delivered first.
    mutating func fail(_ failure: Failure) {
        if self.failure == nil { self.failure = failure }
    }

    /// Drops everything.
    mutating func discard() {
        parts.removeAll()
        size = 0
    }

    // MARK: Use

    /// The next part; `nil` where there is none yet.
    mutating func take() throws(Failure) -> Part? {
        guard let part = parts.popFirst() else {
            if let failure { throw failure }
            return nil
        }
        switch part {
        case .head:
            size -= Self.headSize
            bodyAllowance = limits.body
        case .body(let bytes): size -= bytes.readableBytes
        case .end: break
        }
        return part
    }

    /// Takes the end of a body, if that comes next.
    mutating func takeEnd() -> Part? {
        guard case .end = parts.first else { return nil }
        return parts.removeFirst()
    }

    /// Somebody waits from now on; until when.
    mutating func beginWait(for wait: Wait, now: NIODeadline) -> NIODeadline {
        self.wait = wait
        waitStart = now
        isHeadTimed = hasBegunHead
        switch wait {
        case .body: return now + bodyAllowance
        case .head, .none: return now + (hasBegunHead ? limits.head : limits.idle)
        }
    }

    /// Nobody waits any more.
    mutating func endWait(now: NIODeadline) {
        if wait == .body { bodyAllowance = max(.zero, bodyAllowance - (now - waitStart)) }
        wait = .none
    }

    /// After bytes came and did not end the wait: until when it may last now; `nil` for as long as before.
    mutating func prolongWait(now: NIODeadline) -> NIODeadline? {
        guard wait == .head, hasBegunHead, !isHeadTimed else { return nil }
        isHeadTimed = true
        return now + limits.head
    }

    /// The wait has lasted too long.
    mutating func expire() {
        switch wait {
        case .none: break
        case .body: fail(.slowBody)
        case .head: fail(hasBegunHead ? .slowHead : .idle)
        }
    }
}
