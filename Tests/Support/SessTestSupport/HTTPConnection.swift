import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to an HTTP/1.1 server on the loopback address. Requests on it are answered in order.
public final class HTTPConnection: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let channel: any Channel

    private init(channel: any Channel) {
        self.channel = channel
    }

    public static func connect(port: Int) async throws -> HTTPConnection {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(HTTPExchangeHandler())
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return HTTPConnection(channel: channel)
    }

    public var isOpen: Bool { channel.isActive }

    /// Sends a request and waits for the whole response; the connection is closed when the time is over.
    public func send(_ request: TestRequest, within limit: Duration = .seconds(30)) async throws -> TestResponse {
        let promise = channel.eventLoop.makePromise(of: TestResponse.self)
        let nanoseconds = limit.components.seconds * 1_000_000_000 + limit.components.attoseconds / 1_000_000_000
        let overdue = channel.eventLoop.scheduleTask(in: .nanoseconds(nanoseconds)) { [channel] in
            channel.close(promise: nil)
        }
        channel.writeAndFlush(HTTPExchange(request: request, promise: promise)).whenFailure { error in
            promise.fail(error)
        }
        defer { overdue.cancel() }
        return try await promise.futureResult.get()
    }

    public func close() async {
        // Closed already is as good.
        try? await channel.close().get()
    }
}
