import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import SessHummingbird

/// Connections that change to another protocol where a route answers 101, as a WebSocket server's do. The bytes that
/// follow the response are ``greeting``; a connection that asks for no change is closed.
struct UpgradeChannel<Responder: HTTPResponder>: ServerChildChannel
where Responder.Context == BasicSessRequestContext {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let change: EventLoopFuture<Bool>
    }

    let responder: Responder

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let change = NIOTypedHTTPServerUpgradeConfiguration<Bool>(
                upgraders: [Upgrader(responder: responder, logger: logger)],
                notUpgradingCompletionHandler: { $0.eventLoop.makeSucceededFuture(false) })
            let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: .init(upgradeConfiguration: change))
            return Value(channel: channel, change: outcome)
        }
    }

    @concurrent
    func handle(value: Value, logger: Logger) async {
        // A change that fails closes the connection, which is all that its client needs to see.
        if (try? await value.change.get()) == true {
            try? await value.channel.writeAndFlush(ByteBuffer(string: AppProtocol.greeting))
        }
        try? await value.channel.close()
    }

    private struct Upgrader: NIOTypedHTTPServerProtocolUpgrader {
        let responder: Responder
        let logger: Logger

        var supportedProtocol: String { AppProtocol.name }
        var requiredUpgradeHeaders: [String] { [] }

        func buildUpgradeResponse(
            channel: any Channel, upgradeRequest head: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
        ) -> EventLoopFuture<HTTPHeaders> {
            channel.eventLoop.makeFutureWithTask {
                var fields = HTTPFields()
                for (name, value) in head.headers {
                    if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
                }
                let request = Request(
                    head: HTTPRequest(
                        method: .get, scheme: "http", authority: nil, path: head.uri, headerFields: fields),
                    body: RequestBody(buffer: ByteBuffer()))
                let context = BasicSessRequestContext(
                    source: ApplicationRequestContextSource(channel: channel, logger: logger))
                let response = try await responder.respond(to: request, context: context)
                guard response.status == .switchingProtocols else { throw HTTPError(response.status) }
                var headers = initialResponseHeaders
                for field in response.headers { headers.add(name: field.name.rawName, value: field.value) }
                return headers
            }
        }

        func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<Bool> {
            channel.eventLoop.makeSucceededFuture(true)
        }
    }
}

/// The protocol that connections may change to.
public enum AppProtocol {
    public static let name = "greeting"
    /// What the server sends in it.
    public static let greeting = "hello in another protocol"
}
