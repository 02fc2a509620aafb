import HTTPTypes
import Logging
import Middler
import NIOCore
import NIOPosix
import ServiceLifecycle
import Sess
import SessMiddler
import UnixSignals

/// The demo on Middler.
struct MiddlerAdapter {
    let routes: DemoRoutes
    let store: DemoStore
    let host: String
    let port: Int
    let group: MultiThreadedEventLoopGroup
    let onListening: @Sendable (Int) -> Void

    func run() async throws {
        let onListening = onListening
        let logger = Logger(label: "sess-demo")
        var configuration = HTTPServer.Configuration(host: host, port: port)
        configuration.logger = logger
        let server = HTTPServer(
            configuration, eventLoopGroup: group, onListening: { onListening($0.port ?? 0) })
        middler(server)
            .add(CrossSiteProtectionHandler())
            .add(SessionHandler(routes.manager, skip: { DemoRoutes.sessionless.contains($0.path) }))
        for route in routes.table {
            middler(server).add(.method(route.method), .path(PathPattern(route.path))) { request in
                try await Self.answer(route, request)
            }
        }
        let services: [any Service] = store.services + [StartedAfterStore(server: server, store: store)]
        let running = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        try await running.run()
    }

    private static func answer(_ route: DemoRoute, _ request: Request) async throws -> Response {
        let asked = DemoRequest(
            session: request.session,
            headerFields: request.headerFields,
            remoteAddress: request.remoteAddress?.ipAddress,
            query: request.query,
            collectBody: { try await request.body.collect(upTo: $0) }
        )
        do {
            let answer = try await route.answer(asked)
            let body = answer.stream.map { pieces in
                ResponseBody.stream { writer in for await piece in pieces { try await writer.write(piece) } }
            }
            return Response(
                status: answer.status, headerFields: answer.headerFields, body: body ?? .bytes(answer.body))
        } catch let refusal as DemoRefusal {
            throw HTTPError(refusal.status, refusal.message)
        }
    }
}

/// The server, started once the store was asked for the first time: the first requests find a connection to it, if it
/// is there. If not, the server starts anyway.
private struct StartedAfterStore: Service {
    let server: HTTPServer
    let store: DemoStore

    func run() async throws {
        _ = await store.problem()
        try await server.run()
    }
}
