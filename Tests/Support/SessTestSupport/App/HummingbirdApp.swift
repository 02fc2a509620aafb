import HTTPTypes
import Hummingbird
import HummingbirdCore
import Sess
import SessHummingbird

func withHummingbird<Result: Sendable>(
    _ routes: [AppRoutes.Route],
    _ sessions: AppSessions,
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    let router = Router(context: BasicSessRequestContext.self)
    let group = sessions.mount.map { router.group(RouterPath($0)) } ?? router.group()
    var isSkipped: (@Sendable (Request) -> Bool)?
    if let skip = sessions.skip { isSkipped = { request in skip(request.uri.path, request.headers) } }
    for system in sessions.systems {
        group.add(
            middleware: SessMiddleware(
                system.manager, system: system.system, isTLS: sessions.isTLS, skip: isSkipped))
    }
    for route in routes {
        group.on(RouterPath(route.path), method: route.method) { (_, context) async throws -> Response in
            let parameters = context.parameters
            let request = AppRequest(requestSessions: context.requestSessions, parameter: { parameters.get($0) })
            do {
                let answer = try await route.handler(request)
                return response(answer)
            } catch let refusal as AppRefusal {
                throw HTTPError(refusal.status)
            }
        }
    }
    guard sessions.changesProtocol else { return try await withRouter(router, logger: sessions.logger, body) }
    let responder = router.buildResponder()
    let server = HTTPServerBuilder { _ in UpgradeChannel(responder: responder) }
    return try await withRouter(router, server: server, logger: sessions.logger, body)
}

private func response(_ answer: AppResponse) -> Response {
    let body: ResponseBody =
        switch answer.body {
        case .none: ResponseBody()
        case .bytes(let bytes): ResponseBody(byteBuffer: bytes)
        case .stream(let texts, let pause):
            ResponseBody { writer in
                for (index, text) in texts.enumerated() {
                    if index > 0 { try await Task.sleep(for: pause) }
                    try await writer.write(ByteBuffer(string: text))
                }
                try await writer.finish(nil)
            }
        case .made(let make):
            ResponseBody { writer in
                // A first piece, with which the head leaves.
                try await writer.write(ByteBuffer(string: " "))
                try await writer.write(ByteBuffer(string: await make()))
                try await writer.finish(nil)
            }
        }
    return Response(status: answer.status, headers: answer.headerFields, body: body)
}
