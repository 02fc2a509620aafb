import Foundation
import RedisTestServer

/// A blocking socket for bytes that no proper client sends. Use it within ``RawSocket/exchange(port:_:)``.
public final class RawSocket {
    private let descriptor: Int32

    private init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            // All is initialized by now, so deinit runs and closes the socket.
            throw HTTPConnection.Failure(description: "connect: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Sends bytes on a connection of their own and gives what the server sends until it closes, or until `isEnough`.
    public static func exchange(
        port: Int,
        _ bytes: [UInt8],
        isEnough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) async throws -> [UInt8] {
        try await offPool {
            let socket = try RawSocket(port: port)
            socket.send(bytes)
            var received: [UInt8] = []
            while !isEnough(received), let more = socket.receive() { received += more }
            return received
        }
    }

    /// As ``exchange(port:_:isEnough:)``, with the bytes in pieces and a pause after each. `onSent` hears of each
    /// piece that the system took.
    public static func exchange(
        port: Int,
        pieces: [[UInt8]],
        pause: Duration,
        onSent: @escaping @Sendable (Int) -> Void = { _ in },
        isEnough: @escaping @Sendable ([UInt8]) -> Bool = { _ in false }
    ) async throws -> [UInt8] {
        let microseconds = pause.components.seconds * 1_000_000 + pause.components.attoseconds / 1_000_000_000_000
        return try await offPool {
            let socket = try RawSocket(port: port)
            for piece in pieces {
                socket.send(piece)
                onSent(piece.count)
                usleep(UInt32(microseconds))
            }
            var received: [UInt8] = []
            while !isEnough(received), let more = socket.receive() { received += more }
            return received
        }
    }

    /// Sends bytes on a connection of their own, reads to its end, and gives the error that ended it: 0 for an orderly
    /// end.
    public static func end(port: Int, _ bytes: [UInt8]) async throws -> Int32 {
        try await offPool {
            let socket = try RawSocket(port: port)
            socket.send(bytes)
            errno = 0
            while socket.receive() != nil {}
            return errno
        }
    }

    private func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server that has seen enough may close before it has read all.
            guard count > 0 else { return }
            sent += count
        }
    }

    private func receive() -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        return count > 0 ? Array(chunk[..<count]) : nil
    }
}
