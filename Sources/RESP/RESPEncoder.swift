/// Writes commands as Redis reads them. Arguments are counted by their bytes, so any content is safe.
package struct RESPEncoder: ~Copyable {
    private(set) var bytes: [UInt8] = []
    private(set) var commandCount = 0
    private var missingArguments = 0

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Begins a command. Exactly `argumentCount` arguments, its name included, must follow.
    package mutating func command(argumentCount: Int) {
        precondition(missingArguments == 0, "the command before this one lacks arguments")
        precondition(argumentCount > 0, "a command has at least a name")
        commandCount += 1
        missingArguments = argumentCount
        appendHeader(0x2A, argumentCount)
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
        bytes.append(contentsOf: value)
        appendLineBreak()
    }

    /// A number in decimal.
    package mutating func argument(_ value: Int) {
        let digits = RESPEncoder.digitCount(value.magnitude)
        beginArgument(value < 0 ? digits + 1 : digits)
        if value < 0 { bytes.append(0x2D) }
        appendDigits(value.magnitude, digits)
        appendLineBreak()
    }

    consuming func finish() -> (bytes: [UInt8], commandCount: Int) {
        precondition(missingArguments == 0, "the last command lacks arguments")
        return (bytes, commandCount)
    }
}

extension RESPEncoder {
    private mutating func appendArgument(_ value: some Collection<UInt8>) {
        let isDone: Void? = value.withContiguousStorageIfAvailable { argument(UnsafeRawBufferPointer($0)) }
        if isDone != nil { return }
        beginArgument(value.count)
        bytes.append(contentsOf: value)
        appendLineBreak()
    }

    private mutating func beginArgument(_ length: Int) {
        precondition(missingArguments > 0, "more arguments than announced")
        missingArguments -= 1
        appendHeader(0x24, length)
    }

    private mutating func appendHeader(_ mark: UInt8, _ number: Int) {
        bytes.append(mark)
        if number < 10 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: number))
        } else {
            let magnitude = number.magnitude
            appendDigits(magnitude, RESPEncoder.digitCount(magnitude))
        }
        appendLineBreak()
    }

    private mutating func appendLineBreak() {
        bytes.append(0x0D)
        bytes.append(0x0A)
    }

    private mutating func appendDigits(_ magnitude: UInt, _ count: Int) {
        var divisor: UInt = 1
        for _ in 1..<max(count, 1) { divisor *= 10 }
        while divisor > 0 {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: magnitude / divisor % 10))
            divisor /= 10
        }
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
