public import NIOCore

/// The body of a response: none, bytes, or what a function writes.
public struct ResponseBody: Sendable {
    enum Kind: Sendable {
        case none
        case bytes(ByteBuffer)
        case stream(length: Int?, @Sendable (any ResponseWriter) async throws -> Void)
    }

    let kind: Kind

    var isStream: Bool { if case .stream = kind { true } else { false } }

    /// No body.
    public static let none = ResponseBody(kind: .none)

    /// Bytes.
    public static func bytes(_ bytes: ByteBuffer) -> ResponseBody { ResponseBody(kind: .bytes(bytes)) }

    /// What `write` writes. It runs after the head has left, and not at all for HEAD. The body ends when it returns;
    /// the tasks that it has write must have ended by then.
    ///
    /// An error that it throws closes the connection, so that the client sees that the body isn't whole.
    ///
    /// - Parameters:
    ///   - length: How many bytes it will be, if that is known. More or fewer is an error.
    ///   - write: Writes the body.
    public static func stream(
        length: Int? = nil, _ write: @escaping @Sendable (any ResponseWriter) async throws -> Void
    ) -> ResponseBody {
        ResponseBody(kind: .stream(length: length, write))
    }
}

/// Where the body of a response is written.
public protocol ResponseWriter: Sendable {
    /// Sends bytes. Returns once the connection has taken them, which is as fast as the client reads.
    ///
    /// Several tasks may write one body. What they write at the same time may get mixed, in pieces of 64 KiB, and a
    /// connection keeps up to so much for each of them.
    ///
    /// - Throws: ``ConnectionError`` where the connection is closed, the client reads too slowly, the body gets longer
    ///   than was said or is over.
    func write(_ bytes: ByteBuffer) async throws
}

extension ResponseWriter {
    /// Sends a text.
    public func write(_ text: String) async throws { try await write(ByteBuffer(string: text)) }
}
