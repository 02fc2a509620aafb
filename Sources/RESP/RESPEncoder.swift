/// Writes commands as Redis reads them. Arguments are counted by their bytes, so any content is safe.
package struct RESPEncoder: ~Copyable {
    /// Where the bytes are written: memory that somebody else lends, or more of our own once that is full.
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var isOwned = false
    private(set) var count = 0
    private(set) var commandCount = 0
    /// How many keys were written, and where the first one's bytes are.
    private(set) var keyCount = 0
    private(set) var firstKey = 0..<0
    private var missingArguments = 0

    /// The memory must outlive the encoder.
    init(borrowing memory: UnsafeMutableBufferPointer<UInt8>) {
        // An empty buffer may have no address; then the first write gets memory of our own.
        base = memory.baseAddress ?? UnsafeMutablePointer<UInt8>(bitPattern: 1).unsafelyUnwrapped
        capacity = memory.count
    }

    deinit { if isOwned { base.deallocate() } }

    /// Begins a command. Exactly `argumentCount` arguments, its name included, must follow.
    package mutating func command(argumentCount: Int) {
        precondition(missingArguments == 0, "the command before this one lacks arguments")
        precondition(argumentCount > 0, "a command has at least a name")
        commandCount += 1
        missingArguments = argumentCount
        reserve(RESPEncoder.longestHeader)
        writeHeader(0x2A, argumentCount)
    }

    /// Begins a command and writes its name, which counts as one of `argumentCount`.
    package mutating func command(_ name: StaticString, argumentCount: Int) {
        command(argumentCount: argumentCount)
        argument(name)
    }

    package mutating func argument(_ value: StaticString) {
        argument(UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
    }

    package mutating func argument(_ value: String) {
        argument(value.utf8)
    }

    package mutating func argument(_ value: borrowing Substring.UTF8View) {
        appendArgument(value)
    }

    package mutating func argument(_ value: String.UTF8View) {
        appendArgument(value)
    }

    package mutating func argument(_ value: [UInt8]) {
        value.withUnsafeBytes { argument($0) }
    }

    package mutating func argument(_ value: ArraySlice<UInt8>) {
        value.withUnsafeBytes { argument($0) }
    }

    package mutating func argument(_ value: UnsafeRawBufferPointer) {
        beginArgument(value.count)
        write(value)
        writeLineBreak()
    }

    /// One argument made of two parts, without a copy of both together.
    package mutating func argument(_ head: some Collection<UInt8>, _ tail: some Collection<UInt8>) {
        beginArgument(head.count + tail.count)
        write(contentsOf: head)
        write(contentsOf: tail)
        writeLineBreak()
    }

    /// A number in decimal.
    package mutating func argument(_ value: Int) {
        let digits = RESPEncoder.digitCount(value.magnitude)
        beginArgument(value < 0 ? digits + 1 : digits)
        if value < 0 { write(0x2D) }
        writeDigits(value.magnitude, digits)
        writeLineBreak()
    }

    /// An argument that is the key by which a Redis Cluster knows which node the command is for. Of a command with
    /// several keys, all of which must be of one slot, only one is written by this.
    package mutating func key(_ value: String) {
        argument(value)
        markKey(value.utf8.count)
    }

    /// As ``key(_:)``, made of two parts.
    package mutating func key(_ head: some Collection<UInt8>, _ tail: some Collection<UInt8>) {
        argument(head, tail)
        markKey(head.count + tail.count)
    }

    private mutating func markKey(_ length: Int) {
        if keyCount == 0 { firstKey = (count - 2 - length)..<(count - 2) }
        keyCount += 1
    }

    /// All commands of a request.
    package mutating func append(_ request: RESPRequest) {
        precondition(missingArguments == 0, "the command before this one lacks arguments")
        commandCount += request.commandCount
        if keyCount == 0, let range = request.keyRange {
            firstKey = (range.lowerBound + count)..<(range.upperBound + count)
        }
        keyCount += request.keyCount
        request.bytes.withUnsafeBytes { bytes in
            reserve(bytes.count)
            write(bytes)
        }
    }

    /// Whether all that was announced is written.
    var isComplete: Bool { missingArguments == 0 }

    /// Whether the bytes are still in the memory that was lent.
    var fits: Bool { !isOwned }

    /// Calls `body` with what is written.
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: base, count: count))
    }
}

extension RESPEncoder {
    /// A mark, 20 digits and a line break.
    private static let longestHeader = 23

    private mutating func appendArgument(_ value: some Collection<UInt8>) {
        beginArgument(value.count)
        write(contentsOf: value)
        writeLineBreak()
    }

    /// Writes an argument's length, and makes room for its bytes and what ends it.
    private mutating func beginArgument(_ length: Int) {
        precondition(missingArguments > 0, "more arguments than announced")
        missingArguments -= 1
        reserve(RESPEncoder.longestHeader + length + 2)
        writeHeader(0x24, length)
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        memory.update(from: base, count: count)
        if isOwned { base.deallocate() }
        base = memory
        capacity = larger
        isOwned = true
    }

    // What follows writes where `reserve` has made room.

    @inline(__always)
    private mutating func write(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    private mutating func write(contentsOf bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0)) }
        guard isDone == nil else { return }
        for byte in bytes { write(byte) }
    }

    private mutating func writeHeader(_ mark: UInt8, _ number: Int) {
        write(mark)
        if number < 10 {
            write(0x30 + UInt8(truncatingIfNeeded: number))
        } else {
            writeDigits(number.magnitude, RESPEncoder.digitCount(number.magnitude))
        }
        writeLineBreak()
    }

    @inline(__always)
    private mutating func writeLineBreak() {
        write(0x0D)
        write(0x0A)
    }

    private mutating func writeDigits(_ magnitude: UInt, _ digits: Int) {
        var rest = magnitude
        for position in stride(from: count + digits - 1, through: count, by: -1) {
            base[position] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    private static func digitCount(_ magnitude: UInt) -> Int {
        var count = 1
        var rest = magnitude
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }
}
