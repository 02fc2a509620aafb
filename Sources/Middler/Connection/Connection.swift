import EventLoopExecution
import HTTPTypes
import NIOCore
import NIOHTTP1

/// One client's connection, for tasks on any executor. On the connection's own event loop nothing here changes threads.
final class Connection: Sendable {
    let channel: any Channel
    let configuration: HTTPServer.Configuration
    private let handler: NIOLoopBound<ConnectionHandler>
    private let exchange: NIOLoopBoundBox<Exchange>
    private let clock: NIOLoopBoundBox<HTTPDate>

    /// The request that is being answered.
    private struct Exchange {
        var number = 0
        /// Whether the client waits for word before it sends the body (RFC 9110 §10.1.1).
        var expectsContinue = false
        var received = 0
        /// How the body ended: whole, or with an error that its readers get.
        var bodyEnd: Result<Void, HTTPError>?
        var isAnswered = false
    }

    /// Completes the pipeline of a new channel. To be called on its event loop.
    static func make(_ channel: any Channel, _ configuration: HTTPServer.Configuration) throws -> Connection {
        let handler = ConnectionHandler(configuration)
        var encoding = HTTPResponseEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        let decoder = RequestDecoder(handler, configuration.decoderLimits)
        let connection = Connection(channel, handler, configuration)
        try channel.pipeline.syncOperations.addHandlers([
            TurnFlushHandler(), HTTPResponseEncoder(configuration: encoding), ByteToMessageHandler(decoder), handler,
        ])
        return connection
    }

    private init(_ channel: any Channel, _ handler: ConnectionHandler, _ configuration: HTTPServer.Configuration) {
        self.channel = channel
        self.configuration = configuration
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        exchange = NIOLoopBoundBox(Exchange(), eventLoop: channel.eventLoop)
        clock = NIOLoopBoundBox(HTTPDate(), eventLoop: channel.eventLoop)
    }

    private var isOnLoop: Bool { channel.eventLoop.inEventLoop }

    private func onLoop(_ body: @escaping @Sendable (Connection) -> Void) {
        if isOnLoop { body(self) } else { channel.eventLoop.execute { body(self) } }
    }

    /// Goes to the event loop to run something there. Callers that are there already run it themselves, which costs
    /// neither a closure nor a change of thread.
    private func hop<Result: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        try await channel.eventLoop.submit { try body(self) }.get()
    }

    // MARK: Receiving

    /// The head of the next request.
    ///
    /// - Throws: ``Intake/Failure``.
    func nextHead() async throws -> HTTPRequestHead {
        guard case .head(let head) = try await nextPart(.head) else { throw Intake.Failure.closed }
        return head
    }

    private func nextPart(_ wait: Intake.Wait) async throws -> Intake.Part {
        if isOnLoop, let part = try handler.value.take() { return part }
        return try await withCheckedThrowingContinuation { continuation in
            onLoop { $0.handler.value.wait(for: wait, continuation) }
        }
    }

    /// Begins to answer a request; its number.
    func begin(_ head: RequestHead) async throws -> Int {
        let expectsContinue = head.expectsContinue
        return isOnLoop
            ? beginNow(expectsContinue: expectsContinue)
            : try await hop { $0.beginNow(expectsContinue: expectsContinue) }
    }

    private func beginNow(expectsContinue: Bool) -> Int {
        let number = exchange.value.number + 1
        exchange.value = Exchange(number: number, expectsContinue: expectsContinue)
        return number
    }

    /// The next part of a request's body; `nil` at its end.
    func nextBodyPart(of request: Int) async throws -> ByteBuffer? {
        let isOver = isOnLoop ? try beginReadingNow(request) : try await hop { try $0.beginReadingNow(request) }
        if isOver { return nil }
        let part: Intake.Part
        do {
            part = try await nextPart(.body)
        } catch let failure as Intake.Failure {
            let error = failure.bodyError
            if isOnLoop { endBodyNow(error) } else { try await hop { $0.endBodyNow(error) } }
            throw error
        }
        return isOnLoop ? try account(part) : try await hop { try $0.account(part) }
    }

    /// - Returns: Whether the body is over.
    private func beginReadingNow(_ request: Int) throws -> Bool {
        guard exchange.value.number == request else {
            throw HTTPError(.internalServerError, "The request whose body is read is over.")
        }
        if let end = exchange.value.bodyEnd {
            try end.get()
            return true
        }
        try sendContinueIfExpected()
        return false
    }

    private func endBodyNow(_ error: HTTPError) { exchange.value.bodyEnd = .failure(error) }

    private func account(_ part: Intake.Part) throws -> ByteBuffer? {
        guard case .body(let bytes) = part else {
            exchange.value.bodyEnd = .success(())
            return nil
        }
        exchange.value.received += bytes.readableBytes
        guard exchange.value.received <= configuration.maximumBodySize else {
            let error = HTTPError.bodyTooLarge(configuration.maximumBodySize)
            exchange.value.bodyEnd = .failure(error)
            throw error
        }
        return bytes
    }

    private func sendContinueIfExpected() throws {
        guard exchange.value.expectsContinue else { return }
        exchange.value.expectsContinue = false
        guard !exchange.value.isAnswered else { return }
        try handler.value.write(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        handler.value.flush()
    }

    /// What is known of the request's body once the response is ready.
    struct BodyState: Sendable {
        var isWhole: Bool
        /// Whether it ended with an error, or the client was never told to send it.
        var isLost: Bool
        var received: Int
        var isQuiescing: Bool
    }

    /// Looks whether the request's body is whole, and lets no 100 be sent from now on.
    func bodyState() async throws -> BodyState {
        isOnLoop ? bodyStateNow() : try await hop { $0.bodyStateNow() }
    }

    private func bodyStateNow() -> BodyState {
        exchange.value.isAnswered = true
        if exchange.value.bodyEnd == nil, handler.value.takeEnd() != nil { exchange.value.bodyEnd = .success(()) }
        let state = exchange.value
        var isWhole = false
        if case .success = state.bodyEnd { isWhole = true }
        return BodyState(
            isWhole: isWhole, isLost: state.expectsContinue || (state.bodyEnd != nil && !isWhole),
            received: state.received, isQuiescing: handler.value.isQuiescing)
    }

    // MARK: Sending

    /// Sends parts of the response.
    func write(_ parts: [HTTPServerResponsePart]) async throws {
        if isOnLoop { try writeNow(parts) } else { try await hop { try $0.writeNow(parts) } }
    }

    private func writeNow(_ parts: [HTTPServerResponsePart]) throws {
        let handler = handler.value
        for part in parts { try handler.write(part) }
        handler.flush()
    }

    /// Sends bytes of the body that a writer writes.
    func write(_ bytes: ByteBuffer, of writer: ConnectionWriter) async throws {
        if isOnLoop { try writeNow(bytes, of: writer) } else { try await hop { try $0.writeNow(bytes, of: writer) } }
    }

    private func writeNow(_ bytes: ByteBuffer, of writer: ConnectionWriter) throws {
        try writer.willSend(bytes.readableBytes)
        try handler.value.write(.body(.byteBuffer(bytes)))
        handler.value.flush()
    }

    /// The time, for a response's head.
    func date() async throws -> String { isOnLoop ? clock.value.now() : try await hop { $0.clock.value.now() } }

    /// Returns once more may be written.
    func waitUntilWritable() async throws {
        if isOnLoop, handler.value.isWritable { return }
        try await withCheckedThrowingContinuation { continuation in
            onLoop { $0.handler.value.waitUntilWritable(continuation) }
        }
    }

    /// Returns once all that was written has left.
    func waitUntilSent() async throws {
        try await withCheckedThrowingContinuation { continuation in
            onLoop { $0.handler.value.waitUntilSent(continuation) }
        }
    }

    // MARK: Ending

    /// Serves no request after the current one.
    func quiesce() { onLoop { $0.handler.value.quiesce() } }

    func closeGently() { onLoop { $0.handler.value.closeGently() } }

    func close() { channel.close(promise: nil) }
}
