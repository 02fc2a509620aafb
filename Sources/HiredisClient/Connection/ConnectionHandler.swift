import NIOCore

/// What a connection's handler tells the driver that adopted it. Called on the connection's event loop.
protocol ConnectionEvents: AnyObject, SendableMetatype {
    func received(_ buffer: ByteBuffer)
    func writabilityChanged(_ isWritable: Bool)
    func lost(_ reason: RedisError)
}

/// The end of a channel's pipeline: hands its events to the driver that adopted it. Used on its event loop only.
final class ConnectionHandler<Driver: ConnectionEvents>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// `nil` before the channel is adopted and after it is given up.
    var driver: Driver?
    private var context: ChannelHandlerContext?
    private let isSecured: Bool
    /// Whether the server has sent anything.
    private var hasHeard = false

    init(isSecured: Bool) { self.isSecured = isSecured }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let driver else {
            // A Redis server doesn't speak first.
            context.close(promise: nil)
            return
        }
        let buffer = unwrapInboundIn(data)
        if !hasHeard {
            hasHeard = true
            if !isSecured, let first = buffer.readableBytesView.first, TLSFault.beginsRecord(first) {
                return driver.lost(RedisError(.connectFailed, TLSFault.securedPort))
            }
        }
        driver.received(buffer)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        driver?.writabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        driver?.lost(RedisError(.connectionClosed, "the server closed the connection\(hint)"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let driver {
            let message = TLSFault.explanation(of: error) ?? "the connection failed\(hint)"
            driver.lost(RedisError(.connectionClosed, message, underlying: error))
        } else {
            context.close(promise: nil)
        }
    }

    /// What it may mean that a server ends a connection without a word.
    private var hint: String {
        guard !hasHeard else { return "" }
        return isSecured
            ? " before it answered; does it want a client certificate (tls_cert_file, tls_key_file)?"
            : " before it answered; does it want TLS (rediss://)?"
    }

    func write(_ buffer: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func close() {
        driver = nil
        context?.close(promise: nil)
    }
}
