import NIOCore
import NIOHTTP1
import Synchronization

/// Writes the body of one response.
final class ConnectionWriter: ResponseWriter {
    private struct State {
        /// How much may yet be written; `nil` for any length.
        var rest: Int?
        /// How much has yet to be sent of what tasks are writing.
        var underway = 0
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
            if let rest = state.rest {
                guard bytes.readableBytes <= rest else { throw ConnectionError(code: .wrongLength) }
                state.rest = rest - bytes.readableBytes
            }
            state.underway += bytes.readableBytes
        }
        var bytes = bytes
        while let slice = bytes.readSlice(length: min(Connection.sliceSize, bytes.readableBytes)),
            slice.readableBytes > 0
        {
            try await connection.waitUntilWritable()
            try await connection.write(slice, of: self)
        }
    }

    /// Counts what is sent right now, on the event loop.
    ///
    /// - Throws: ``ConnectionError`` once the body is over: what follows on the connection belongs to other responses.
    func willSend(_ count: Int) throws {
        try state.withLock { state in
            guard !state.isOver else { throw ConnectionError(code: .responseEnded) }
            state.underway -= count
        }
    }

    /// Takes no more.
    ///
    /// - Throws: ``ConnectionError`` where fewer bytes were written than was said, or tasks are still writing.
    func finish() throws {
        try state.withLock { state in
            state.isOver = true
            guard (state.rest ?? 0) == 0 else { throw ConnectionError(code: .wrongLength) }
            guard state.underway == 0 else { throw ConnectionError(code: .responseEnded) }
        }
    }
}
