/// What a reply is.
package enum RESPKind: UInt8, Sendable {
    /// A short text, `+OK`.
    case simpleString
    /// A refusal by the server, `-ERR …`.
    case error
    /// A signed 64-bit number.
    case integer
    /// Bytes of any content.
    case bulkString
    /// Nothing there: `$-1` or `*-1`.
    case null
    /// Replies in a row.
    case array
}
