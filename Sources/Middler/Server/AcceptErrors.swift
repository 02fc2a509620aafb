import Logging
import NIOCore

/// Keeps a connection that could not be accepted from ending the server: the next one may be. While the system has no
/// descriptors left, an `AcceptBackoffHandler` before this one makes it wait.
final class AcceptErrors: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.warning("a connection could not be accepted", metadata: ["error": "\(error)"])
    }
}
