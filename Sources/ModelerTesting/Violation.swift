/// A store's answer that breaks the contract of `ModelCollection`.
public struct Violation: Error, Sendable, CustomStringConvertible {
    /// What should have been and what was.
    public let message: String
    /// The check that found it.
    public let location: String

    init(_ message: String, fileID: StaticString = #fileID, line: UInt = #line) {
        self.message = message
        self.location = "\(fileID):\(line)"
    }

    public var description: String { "\(message) (\(location))" }
}

/// Throws a ``Violation`` unless a condition holds.
func require(
    _ condition: Bool,
    _ message: @autoclosure () -> String,
    fileID: StaticString = #fileID,
    line: UInt = #line
) throws(Violation) {
    guard condition else { throw Violation(message(), fileID: fileID, line: line) }
}

/// Throws a ``Violation`` unless two values are equal.
func requireEqual<Value: Equatable>(
    _ value: Value,
    _ expected: Value,
    _ what: String,
    fileID: StaticString = #fileID,
    line: UInt = #line
) throws(Violation) {
    guard value == expected else {
        throw Violation("\(what) is \(value), not \(expected)", fileID: fileID, line: line)
    }
}
