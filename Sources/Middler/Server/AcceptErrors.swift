import Logging
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Keeps a connection that could not be accepted from ending the server: the next one may be.
///
/// While the system has no descriptors or memory left, the listener stops asking for connections and tries again a
/// second later. Its `autoRead` is turned off for that: a delayed `read` alone, as `AcceptBackoffHandler` has it,
/// leaves the listener registered after an attempt that accepted nothing, and the event loop would find it readable at
/// once, for ever.
final class AcceptErrors: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = any Channel

    /// How long accepting pauses, and the least time between two lines of the log.
    static let pause = TimeAmount.seconds(1)

    private let logger: Logger
    private var resumption: Scheduled<Void>?
    private var lastLine: NIODeadline?

    init(_ logger: Logger) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isExhausted = Self.isExhaustion(error)
        log(error, isExhausted: isExhausted)
        if isExhausted { pause(context) }
    }

    /// Passes on no `read` during a pause; its end reads anyway.
    func read(context: ChannelHandlerContext) {
        if resumption == nil { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        resumption?.cancel()
        resumption = nil
        context.fireChannelInactive()
    }

    private func pause(_ context: ChannelHandlerContext) {
        guard resumption == nil else { return }
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        resumption = context.eventLoop.scheduleTask(in: Self.pause) {
            let (handler, context) = loopBound.value
            handler.resumption = nil
            // Reads as well.
            try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }

    private func log(_ error: any Error, isExhausted: Bool) {
        let now = NIODeadline.now()
        if let lastLine, now - lastLine < Self.pause { return }
        lastLine = now
        let hint = "; raise the limit of open files (ulimit -n) or lower maximumConnections"
        logger.warning(
            "a connection could not be accepted\(isExhausted ? hint : "")", metadata: ["error": "\(error)"])
    }

    private static func isExhaustion(_ error: any Error) -> Bool {
        guard let error = error as? IOError else { return false }
        return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode)
    }
}
