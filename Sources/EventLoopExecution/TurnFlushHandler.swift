package import NIOCore

/// Flushes once at the end of the event loop's turn, however often it was asked to.
///
/// The responses to requests that came together then go to their sockets one after the other rather than each between
/// two handlers, so that a peer on the same machine is woken once and not for each. Used on its event loop only.
package final class TurnFlushHandler: ChannelOutboundHandler {
    package typealias OutboundIn = NIOAny
    package typealias OutboundOut = NIOAny

    private var isScheduled = false
    /// `nil` while the handler is in no pipeline.
    private var context: ChannelHandlerContext?

    package init() {}

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    package func flush(context: ChannelHandlerContext) {
        guard !isScheduled else { return }
        isScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isScheduled = false
            self.context?.flush()
        }
    }

    /// A closed channel drops what was not flushed, so that goes first.
    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if isScheduled { context.flush() }
        context.close(mode: mode, promise: promise)
    }
}
