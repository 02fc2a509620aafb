import NIOCore

/// The end of the pipeline of the connection that receives messages. Used on its event loop only.
final class SubscriptionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// `nil` before the channel is adopted and after it is given up.
    var driver: SubscriptionDriver?
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let driver else {
            // A Redis server doesn't speak first.
            context.close(promise: nil)
            return
        }
        driver.received(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver?.lost(RedisError(.connectionClosed, "the server closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let driver {
            driver.lost(RedisError(.connectionClosed, "the connection failed", underlying: error))
        } else {
            context.close(promise: nil)
        }
    }

    func write(_ bytes: [UInt8]) {
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    func close() {
        driver = nil
        context?.close(promise: nil)
    }
}
