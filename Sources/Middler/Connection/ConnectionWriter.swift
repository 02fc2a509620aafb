import NIOCore
import NIOHTTP1
import Synchronization

/// Writes the body of one response.
final class ConnectionWriter: ResponseWriter {
    private struct State {
        var rest: Int?
        var isOver = false
    }

    private let connection: Connection
    private let state: Mutex<State>

    init(_ connection: Connection, length: Int?) {
        self.connection = connection
        state = Mutex(State(rest: length))
    }

    func write(_ bytes: ByteBuffer) async throws {
        guard bytes.readableBytes > 0 else { return }
        try state.withLock { state in
            guard !state.isOver else { throw ConnectionError(code: .responseEnded) }
            guard let rest = state.rest else { return }
            guard bytes.readableBytes <= rest else { throw ConnectionError(code: .wrongLength) }
            state.rest = rest - bytes.readableBytes
        }
        var bytes = bytes
        while let slice = bytes.readSlice(length: min(Connection.sliceSize, bytes.readableBytes)),
            slice.readableBytes > 0
        {
            try await connection.waitUntilWritable()
            try await connection.write([.body(.byteBuffer(slice))])
        }
    }

    /// Takes no more.
    ///
    /// - Throws: ``ConnectionError`` where fewer bytes were written than was said.
    func finish() throws {
        try state.withLock { state in
            state.isOver = true
            guard (state.rest ?? 0) == 0 else { throw ConnectionError(code: .wrongLength) }
        }
    }
}
