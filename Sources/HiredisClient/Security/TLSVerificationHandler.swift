import NIOCore
import NIOSSL
import NIOTLS

/// Says when TLS stands and the server is the one that is meant. Used on its event loop only.
final class TLSVerificationHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let expectedName: String?
    private var promise: EventLoopPromise<Void>?

    let verified: EventLoopFuture<Void>

    /// - Parameter expectedName: The name or address that the certificate must have; `nil` for any.
    init(expectedName: String?, promise: EventLoopPromise<Void>) {
        self.expectedName = expectedName
        self.promise = promise
        verified = promise.futureResult
    }

    /// The handlers couldn't be put in place.
    func giveUp(_ error: any Error) { promise.take()?.fail(error) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            if let fault = identityFault(context) {
                fail(fault, context)
            } else {
                promise.take()?.succeed()
                context.pipeline.syncOperations.removeHandler(self, promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard promise != nil else { return context.fireErrorCaught(error) }
        fail(
            RedisError(
                .connectFailed, TLSFault.explanation(of: error, name: expectedName) ?? "TLS with the server failed",
                underlying: error), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.take()?.fail(
            RedisError(
                .connectFailed, "the server closed the connection instead of securing it; does its port speak TLS?"))
        context.fireChannelInactive()
    }

    private func fail(_ error: RedisError, _ context: ChannelHandlerContext) {
        promise.take()?.fail(error)
        context.close(promise: nil)
    }

    private func identityFault(_ context: ChannelHandlerContext) -> RedisError? {
        guard let expectedName else { return nil }
        guard let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self),
            let certificate = handler.peerCertificate
        else { return RedisError(.connectFailed, "the server showed no certificate") }
        guard CertificateNames(certificate).include(expectedName) else {
            return RedisError(.connectFailed, TLSFault.wrongName(expectedName))
        }
        return nil
    }
}
