import NIOCore
import NIOHTTP1

/// A request, and the promise of its response.
struct HTTPExchange: Sendable {
    var request: TestRequest
    var promise: EventLoopPromise<TestResponse>
}

/// Turns exchanges into parts of HTTP and parts into responses. Every promise is kept or failed.
final class HTTPExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPExchange
    typealias OutboundOut = HTTPClientRequestPart

    private var waiting: [EventLoopPromise<TestResponse>] = []
    private var response = TestResponse(status: 0, headers: [], body: [])
    private var isClosed = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        guard !isClosed else {
            exchange.promise.fail(HTTPConnection.Failure(description: "the connection is closed"))
            return
        }
        waiting.append(exchange.promise)
        let request = exchange.request
        var head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: request.method), uri: request.path)
        if request.sendsHost { head.headers.add(name: "Host", value: "127.0.0.1") }
        for (name, value) in request.headers { head.headers.add(name: name, value: value) }
        if !request.body.isEmpty || request.method == "POST" {
            head.headers.add(name: "Content-Length", value: "\(request.body.count)")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !request.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: request.body)))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            response = TestResponse(
                status: Int(head.status.code),
                headers: head.headers.map { ($0.name, $0.value) },
                body: []
            )
        case .body(let buffer):
            response.body += buffer.readableBytesView
        case .end:
            guard !waiting.isEmpty else { return }
            waiting.removeFirst().succeed(response)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        failAll(HTTPConnection.Failure(description: "the connection closed before the response was whole"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failAll(error)
        context.close(promise: nil)
    }

    private func failAll(_ error: any Error) {
        isClosed = true
        for promise in waiting { promise.fail(error) }
        waiting = []
    }
}
