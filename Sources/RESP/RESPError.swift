/// Why the bytes of a peer are refused. Final: the reader that threw it takes no more bytes.
package struct RESPError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String { case malformed, tooLong, tooManyElements, tooDeep, unsupportedType, outOfMemory }
        private let value: Value

        /// Not the protocol: a bad type byte, number or terminator.
        package static let malformed = Code(value: .malformed)
        /// A string, a line or all of a reply is longer than its limit.
        package static let tooLong = Code(value: .tooLong)
        /// Arrays announce more elements than the limit.
        package static let tooManyElements = Code(value: .tooManyElements)
        /// Arrays are nested deeper than the limit.
        package static let tooDeep = Code(value: .tooDeep)
        /// A type that only RESP3 has, which was never asked for.
        package static let unsupportedType = Code(value: .unsupportedType)
        /// The reader could get no memory.
        package static let outOfMemory = Code(value: .outOfMemory)

        package var description: String { value.rawValue }
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code): \(message)" }
}
