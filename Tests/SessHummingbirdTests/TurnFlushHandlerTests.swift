import EventLoopExecution
import NIOCore
import NIOEmbedded
import Testing

@Suite struct TurnFlushHandlerTests {
    /// Counts the flushes that reach the socket.
    private final class FlushCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func flush(context: ChannelHandlerContext) {
            count += 1
            context.flush()
        }
    }

    @Test("All flushes of a turn are one at its end")
    func once() throws {
        let counter = FlushCounter()
        let channel = EmbeddedChannel(handlers: [counter, TurnFlushHandler()])
        for text in ["a", "b", "c"] { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }
        #expect(counter.count == 0)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        channel.embeddedEventLoop.run()
        #expect(counter.count == 1)
        for text in ["a", "b", "c"] {
            #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: text))
        }
        channel.writeAndFlush(ByteBuffer(string: "d"), promise: nil)
        channel.embeddedEventLoop.run()
        #expect(counter.count == 2)
        _ = try channel.finish()
    }

    @Test("What was flushed in a turn leaves before a close in the same turn")
    func close() throws {
        let channel = EmbeddedChannel(handlers: [TurnFlushHandler()])
        let written = channel.eventLoop.makePromise(of: Void.self)
        channel.writeAndFlush(ByteBuffer(string: "last words"), promise: written)
        channel.close(promise: nil)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "last words"))
        try written.futureResult.wait()
        channel.embeddedEventLoop.run()
    }
}
