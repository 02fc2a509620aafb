import HTTPTypes
import NIOCore
import NIOHTTP1

/// The end of a connection's pipeline: keeps what arrives until it is taken, sends what it is given, and lets neither
/// wait for longer than is allowed. Used on the event loop only.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart
    typealias PartContinuation = CheckedContinuation<Intake.Part, any Error>
    typealias WriteContinuation = CheckedContinuation<Void, any Error>

    private let configuration: HTTPServer.Configuration
    private var context: ChannelHandlerContext?
    private var intake: Intake
    private var reader: PartContinuation?
    private var isReadingPaused = false
    private var isInputClosed = false
    private var isDiscarding = false

    private var writer: WriteContinuation?
    /// Whether the writer waits until all has left, not only until there is room.
    private var writerWaitsForAll = false
    private var timer = DeadlineTimer()
    private var bytesInDecoder: ByteBuffer?

    /// Whether the server is stopping: no request is served after the current one.
    private(set) var isQuiescing = false

    init(_ configuration: HTTPServer.Configuration) {
        self.configuration = configuration
        intake = Intake(configuration.intakeLimits)
    }

    // MARK: Reading

    /// The next part, if it is here.
    func take() throws -> Intake.Part? {
        let part = try intake.take()
        resumeReading()
        return part
    }

    func takeEnd() -> Intake.Part? { intake.takeEnd() }

    /// Continues with the next part once it is here.
    func wait(for wait: Intake.Wait, _ continuation: PartContinuation) {
        guard reader == nil else {
            return continuation.resume(
                throwing: HTTPError(.internalServerError, "A body is read by one task at a time."))
        }
        do {
            if let part = try take() { return continuation.resume(returning: part) }
        } catch {
            return continuation.resume(throwing: error)
        }
        guard !(isQuiescing && wait == .head && !intake.hasBegunHead) else {
            return continuation.resume(throwing: Intake.Failure.closed)
        }
        reader = continuation
        timer.set(.read, intake.beginWait(for: wait, now: .now()), self)
    }

    private func wakeReader() {
        guard intake.isReady, let reader else { return }
        self.reader = nil
        intake.endWait(now: .now())
        timer.set(.read, nil, self)
        // There is something to take: that is what isReady says.
        reader.resume(with: Result { try take()! })
    }

    private func resumeReading() {
        guard isReadingPaused, intake.wantsMore else { return }
        isReadingPaused = false
        context?.read()
    }

    // MARK: Writing

    func write(_ part: HTTPServerResponsePart) throws {
        guard let context, context.channel.isActive else { throw ConnectionError(code: .closed) }
        context.write(wrapOutboundOut(part), promise: nil)
    }

    func flush() { context?.flush() }

    /// Whether more may be written now.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Continues once more may be written.
    func waitUntilWritable(_ continuation: WriteContinuation) {
        guard let context, context.channel.isActive else {
            return continuation.resume(throwing: ConnectionError(code: .closed))
        }
        guard !context.channel.isWritable, writer == nil else { return continuation.resume() }
        writer = continuation
        timer.set(.write, .now() + configuration.writeTimeout.timeAmount, self)
    }

    /// Continues once all that was written has left.
    func waitUntilSent(_ continuation: WriteContinuation) {
        guard let context, context.channel.isActive, writer == nil else {
            return continuation.resume(throwing: ConnectionError(code: .closed))
        }
        writer = continuation
        writerWaitsForAll = true
        timer.set(.write, .now() + configuration.writeTimeout.timeAmount, self)
        let sent = context.eventLoop.makePromise(of: Void.self)
        let loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in loopBound.value.wakeWriter(nil) }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: sent)
    }

    private func wakeWriter(_ error: ConnectionError?) {
        guard let writer else { return }
        self.writer = nil
        writerWaitsForAll = false
        timer.set(.write, nil, self)
        if let error { writer.resume(throwing: error) } else { writer.resume() }
    }

    // MARK: Ending

    /// Serves no request after the current one.
    func quiesce() {
        isQuiescing = true
        guard reader != nil, intake.wait == .head, !intake.hasBegunHead else { return }
        intake.fail(.closed)
        wakeReader()
    }

    /// Tells the client that nothing more comes, and waits a while until it has seen that: closed at once, the last
    /// response might be lost on its way (RFC 9112 §9.6).
    func closeGently() {
        guard let context, context.channel.isActive else { return }
        guard !isInputClosed else { return context.close(promise: nil) }
        isDiscarding = true
        intake.discard()
        timer.set(.linger, .now() + configuration.lingerTimeout.timeAmount, self)
        context.close(mode: .output, promise: nil)
        if isReadingPaused {
            isReadingPaused = false
            context.read()
        }
    }

    func close() { context?.close(promise: nil) }

    var eventLoop: (any EventLoop)? { context?.eventLoop }

    func timerFired() {
        for wait in timer.fire(self) { expire(wait) }
    }

    private func expire(_ wait: DeadlineTimer.Wait) {
        switch wait {
        case .read:
            intake.expire()
            wakeReader()
        case .write:
            wakeWriter(ConnectionError(code: .clientTooSlow))
            close()
        case .linger:
            close()
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { context.read() }
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        context = nil
        intake.fail(.closed)
        timer.cancel()
        wakeReader()
        wakeWriter(ConnectionError(code: .closed))
    }

    /// Bytes have come that the decoder is about to see.
    func bytesArrived(_ bytes: ByteBuffer) {
        intake.receiveBytes()
        bytesInDecoder = bytes
    }

    /// The decoder has seen the bytes, and told of what is wrong with them.
    func bytesDecoded() { bytesInDecoder = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDiscarding else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): intake.receive(.head(head))
        case .body(let bytes): intake.receive(.body(bytes))
        case .end: intake.receive(.end)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if intake.isReady {
            wakeReader()
        } else if let deadline = intake.prolongWait(now: .now()) {
            timer.set(.read, deadline, self)
        }
        if isDiscarding || intake.wantsMore { context.read() } else { isReadingPaused = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !writerWaitsForAll { wakeWriter(nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        isInputClosed = true
        if isDiscarding { return close() }
        intake.fail(.closed)
        wakeReader()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDiscarding else { return }
        if let error = error as? HTTPParserError {
            let isVersion = error == .invalidVersion && RequestVersion.isOther(in: bytesInDecoder)
            intake.fail(isVersion ? .unsupportedVersion : .malformed(error))
            wakeReader()
        } else if !(error is ByteToMessageDecoderError) {
            close()
        }
    }
}

/// Tells the connection's handler of bytes before the decoder makes sense of them.
final class ByteWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let handler: ConnectionHandler

    init(_ handler: ConnectionHandler) { self.handler = handler }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        handler.bytesArrived(unwrapInboundIn(data))
        context.fireChannelRead(data)
        handler.bytesDecoded()
    }
}
