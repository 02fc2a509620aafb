import HTTPTypes
public import NIOCore

/// The body of a request, in pieces as they arrive. It is read once, by one task at a time; the client is asked for
/// more only as it is read.
public struct RequestBody: AsyncSequence, Sendable {
    public typealias Element = ByteBuffer

    enum Source: Sendable {
        case bytes(ByteBuffer?)
        case connection(Connection, request: Int)
    }

    private let source: Source

    init(_ source: Source) { self.source = source }

    /// No body.
    public static let none = RequestBody(.bytes(nil))

    /// A body that is there already.
    public init(_ bytes: ByteBuffer) { source = .bytes(bytes) }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

    public struct AsyncIterator: AsyncIteratorProtocol {
        private var source: Source

        init(source: Source) { self.source = source }

        /// The next piece; `nil` at the end.
        ///
        /// - Throws: ``HTTPError``: 413 beyond the server's limit, 408 where the client is too slow, 400 where the body
        ///   is malformed or its connection closes before the end.
        public mutating func next() async throws -> ByteBuffer? {
            switch source {
            case .bytes(let bytes):
                source = .bytes(nil)
                return bytes
            case .connection(let connection, let request):
                return try await connection.nextBodyPart(of: request)
            }
        }
    }

    /// The whole body.
    ///
    /// - Parameter limit: The most bytes.
    /// - Throws: ``HTTPError`` with 413 for a longer body, and what ``AsyncIterator/next()`` throws.
    public func collect(upTo limit: Int) async throws -> ByteBuffer {
        var whole: ByteBuffer?
        for try await part in self {
            guard (whole?.readableBytes ?? 0) + part.readableBytes <= limit else {
                throw HTTPError(.contentTooLarge, "The body is longer than the \(limit) bytes that are accepted here.")
            }
            if whole == nil { whole = part } else { whole?.writeImmutableBuffer(part) }
        }
        return whole ?? ByteBuffer()
    }
}
