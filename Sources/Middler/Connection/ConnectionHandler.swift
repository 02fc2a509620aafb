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

    /// Who waits for room to write: one of the handler's tasks, or several.
    private var writers: [WriteContinuation] = []
    /// Who waits until all has left.
    private var finisher: WriteContinuation?
    private var timer = DeadlineTimer()
    private var bytesInDecoder: ByteBuffer?
    /// Where the last part of a body ends that came of them. It is a slice of them, so this is a place in their memory.
    private var bodyEnd: UInt?

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

    /// Continues once more may be written. All who wait continue at once, each with what it has in hand.
    func waitUntilWritable(_ continuation: WriteContinuation) {
        guard let context, context.channel.isActive else {
            return continuation.resume(throwing: ConnectionError(code: .closed))
        }
        guard !context.channel.isWritable else { return continuation.resume() }
        beginWriteDeadline()
        writers.append(continuation)
    }

    /// Continues once all that was written has left. For one task only.
    func waitUntilSent(_ continuation: WriteContinuation) {
        guard let context, context.channel.isActive, finisher == nil else {
            return continuation.resume(throwing: ConnectionError(code: .closed))
        }
        beginWriteDeadline()
        finisher = continuation
        let sent = context.eventLoop.makePromise(of: Void.self)
        let loopBound = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in loopBound.value.wakeFinisher(nil) }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: sent)
    }

    /// The client has its time from the moment that the first one waits. Those who come later get no more of it.
    private func beginWriteDeadline() {
        guard writers.isEmpty, finisher == nil else { return }
        timer.set(.write, .now() + configuration.writeTimeout.timeAmount, self)
    }

    private func wakeWriters(_ error: ConnectionError?) {
        guard !writers.isEmpty else { return }
        let woken = writers
        writers.removeAll(keepingCapacity: true)
        if finisher == nil { timer.set(.write, nil, self) }
        for writer in woken {
            if let error { writer.resume(throwing: error) } else { writer.resume() }
        }
    }

    private func wakeFinisher(_ error: ConnectionError?) {
        guard let finisher else { return }
        self.finisher = nil
        if writers.isEmpty { timer.set(.write, nil, self) }
        if let error { finisher.resume(throwing: error) } else { finisher.resume() }
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
            wakeWriters(ConnectionError(code: .clientTooSlow))
            wakeFinisher(ConnectionError(code: .clientTooSlow))
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
        wakeWriters(ConnectionError(code: .closed))
        wakeFinisher(ConnectionError(code: .closed))
    }

    /// The decoder is about to see bytes: new ones, behind those that it has seen and still needs.
    func willDecode(_ bytes: ByteBuffer) {
        bytesInDecoder = bytes
        bodyEnd = nil
    }

    /// The decoder has handed on what it made of the bytes, and found nothing wrong with them.
    func didDecode() {
        guard let bytes = bytesInDecoder else { return }
        bytesInDecoder = nil
        let behindBody = bodyEnd.map { Int(bitPattern: Self.end(of: bytes) &- $0) } ?? bytes.readableBytes
        guard (0...bytes.readableBytes).contains(behindBody) else { return }
        intake.receiveBytes(bytes.readableBytesView.suffix(behindBody))
    }

    private static func end(of bytes: ByteBuffer) -> UInt {
        bytes.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) + UInt($0.count) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDiscarding else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): intake.receive(.head(head))
        case .body(let bytes):
            bodyEnd = Self.end(of: bytes)
            intake.receive(.body(bytes))
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
        if context.channel.isWritable { wakeWriters(nil) }
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
            // The parser pauses at the preface of HTTP/2 alone.
            let isVersion =
                error == .paused || error == .invalidVersion && RequestVersion.isOther(in: bytesInDecoder)
            intake.fail(isVersion ? .unsupportedVersion : .malformed(error))
            wakeReader()
        } else if !(error is ByteToMessageDecoderError) {
            close()
        }
    }
}
