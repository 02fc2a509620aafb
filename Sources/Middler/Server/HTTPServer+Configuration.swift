public import Logging
import NIOCore
import NIOHTTP1

extension HTTPServer {
    /// Where a server listens, and what it puts up with.
    public struct Configuration: Sendable {
        /// Where a server listens.
        public enum Address: Sendable, Hashable {
            /// A host's name or address, and a port; port 0 takes a free one.
            case host(String, port: Int)
            /// The path of a unix domain socket, which is made anew.
            case unixSocket(String)
        }

        public var address: Address

        /// The most connections at once. Further ones wait in the system's queue.
        public var maximumConnections = 10_000

        /// The most bytes of a request's line and header fields together, and of its trailers. More is answered by 431.
        public var maximumHeadSize = 32 * 1024

        /// The most bytes of one header field, and of the request's target.
        public var maximumFieldSize = 16 * 1024

        /// The most header fields.
        public var maximumFieldCount = 128

        /// The most bytes of a request's body. More is answered by 413; handlers can ask for less.
        public var maximumBodySize = 16 * 1024 * 1024

        /// How long a connection may be quiet before a request begins.
        public var idleTimeout = Duration.seconds(60)

        /// How long the head of a request may take from its first byte. Later, the answer is 408.
        public var headTimeout = Duration.seconds(10)

        /// How long a body may keep its reader waiting in all. Each ``minimumBodyRate`` bytes that come are worth a
        /// second more, up to this time again. Later, reading it throws a 408.
        public var bodyTimeout = Duration.seconds(30)

        /// The bytes that a client must send in a second to send for as long as it takes.
        public var minimumBodyRate = 1024

        /// How long a client may take to read 64 KiB of a response. A slower one's connection is closed.
        public var writeTimeout = Duration.seconds(30)

        /// How long a connection that the server closes may last until the client has closed it too.
        public var lingerTimeout = Duration.seconds(2)

        /// How long requests under way have to finish once the server is asked to stop. Then their connections close,
        /// and the tasks of their handlers are cancelled.
        public var shutdownTimeout = Duration.seconds(30)

        /// How long cancelled handlers have to end. Then ``HTTPServer/run()`` returns without them: a task that doesn't
        /// look at its cancellation can't be ended. Such a handler runs on by itself; nothing of what it answers is
        /// sent, since its connection is closed.
        public var cancellationTimeout = Duration.seconds(5)

        /// Where the server logs. What requests contain never appears there.
        public var logger = Logger(label: "middler")

        /// Listens on a host's name or address.
        public init(host: String = "127.0.0.1", port: Int = 8080) { address = .host(host, port: port) }

        /// Listens on a unix domain socket.
        public init(unixSocket path: String) { address = .unixSocket(path) }

        /// What is wrong with it; `nil` for nothing.
        var problem: String? {
            if case .host(_, let port) = address, !(0...65535).contains(port) {
                return "port is a number from 0 to 65535, not \(port)"
            }
            let counts = [
                ("maximumConnections", maximumConnections), ("maximumHeadSize", maximumHeadSize),
                ("maximumFieldSize", maximumFieldSize), ("maximumFieldCount", maximumFieldCount),
                ("minimumBodyRate", minimumBodyRate),
            ]
            for (name, count) in counts where count < 1 { return "\(name) is 1 or more, not \(count)" }
            if maximumBodySize < 0 { return "maximumBodySize is 0 or more, not \(maximumBodySize)" }
            let times = [
                ("idleTimeout", idleTimeout), ("headTimeout", headTimeout), ("bodyTimeout", bodyTimeout),
                ("writeTimeout", writeTimeout), ("lingerTimeout", lingerTimeout), ("shutdownTimeout", shutdownTimeout),
                ("cancellationTimeout", cancellationTimeout),
            ]
            for (name, time) in times where time <= .zero || time > .seconds(86_400 * 365) {
                return "\(name) is more than zero and at most a year"
            }
            return nil
        }

        var intakeLimits: Intake.Limits {
            Intake.Limits(
                idle: idleTimeout.timeAmount, head: headTimeout.timeAmount, body: bodyTimeout.timeAmount,
                bodyRate: minimumBodyRate)
        }

        var decoderLimits: NIOHTTPDecoderLimitConfiguration {
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = maximumFieldSize
            limits.maxHeaderListSize = maximumHeadSize
            limits.maxHeaderFieldCount = maximumFieldCount
            return limits
        }
    }
}

extension Duration {
    /// Times here are at most a year, which fits.
    var timeAmount: TimeAmount {
        .nanoseconds(components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000)
    }
}
