import HTTPTypes
import Hummingbird
import Logging
import NIOPosix
import ServiceLifecycle
import Sess
import SessHummingbird

import struct Middler.FormParameters

/// The demo on Hummingbird.
struct HummingbirdAdapter {
    typealias Context = BasicSessRequestContext

    let routes: DemoRoutes
    let store: DemoStore
    let host: String
    let port: Int
    let group: MultiThreadedEventLoopGroup
    let onListening: @Sendable (Int) -> Void

    func run() async throws {
        let onListening = onListening
        var application = Application(
            router: router(),
            // With Redis a request then changes threads neither for its socket nor for its session.
            server: store.livesOnEventLoops ? .http1OnEventLoop() : .http1(),
            configuration: .init(address: .hostname(host, port: port)),
            services: store.services,
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(group),
            logger: Logger(label: "sess-demo")
        )
        let store = store
        // The first requests find a connection to the store, if the store is there. If not, the server starts anyway.
        application.beforeServerStarts { _ = await store.problem() }
        try await application.runService()
    }

    private func router() -> Router<Context> {
        let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: CrossSiteProtectionMiddleware())
        router.add(
            middleware: SessMiddleware(routes.manager, skip: { DemoRoutes.sessionless.contains($0.uri.path) }))
        for route in routes.table {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await Self.answer(route, request, context)
            }
        }
        return router
    }

    private static func answer(_ route: DemoRoute, _ request: Request, _ context: Context) async throws -> Response {
        let asked = DemoRequest(
            session: context.session,
            headerFields: request.headers,
            remoteAddress: context.remoteAddress,
            query: FormParameters(parsing: (request.uri.query ?? "").utf8),
            collectBody: { try await request.body.collect(upTo: $0) }
        )
        do {
            let answer = try await route.answer(asked)
            let body = answer.stream.map { ResponseBody(asyncSequence: $0) } ?? ResponseBody(byteBuffer: answer.body)
            return Response(status: answer.status, headers: answer.headerFields, body: body)
        } catch let refusal as DemoRefusal {
            throw HTTPError(refusal.status, message: refusal.message)
        }
    }
}
