import NIOCore
import NIOSSL
import Synchronization

/// Finds out whether a server's connections are TLS. Those of one port are all alike, so that only the first request of
/// each asks its connection.
///
/// The scheme of a request tells nothing: Hummingbird makes that of every HTTP/1 request `http`, and an HTTP/2 client
/// writes its own.
final class TLSDetector: Sendable {
    private let isAlways: Bool
    private let byPort = Mutex<[Int: Bool]>([:])

    /// - Parameter isAlways: Whether every connection is known to be TLS.
    init(isAlways: Bool) { self.isAlways = isAlways }

    func isTLS(_ channel: any Channel) async -> Bool {
        if isAlways { return true }
        // A unix socket has no port, and is asked each time.
        let port = channel.localAddress?.port
        if let port, let isTLS = byPort.withLock({ $0[port] }) { return isTLS }
        let isTLS = await Self.hasTLS(channel)
        if let port { byPort.withLock { $0[port] = isTLS } }
        return isTLS
    }

    /// Whether a channel, or the one that it is a stream of, decrypts what it reads.
    private static func hasTLS(_ channel: any Channel) async -> Bool {
        var channel: (any Channel)? = channel
        while let current = channel {
            let found: Void? = try? await current.pipeline.containsHandler(type: NIOSSLServerHandler.self).get()
            if found != nil { return true }
            channel = current.parent
        }
        return false
    }
}
