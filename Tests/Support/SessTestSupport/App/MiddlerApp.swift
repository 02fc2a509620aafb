import HTTPTypes
public import Logging
public import Middler
import NIOCore
import Sess
import SessMiddler

func withMiddler<Result: Sendable>(
    _ routes: [AppRoutes.Route],
    _ sessions: AppSessions,
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    let chain = HandlerChain()
    var isSkipped: (@Sendable (Request) -> Bool)?
    if let skip = sessions.skip { isSkipped = { request in skip(request.fullPath, request.headerFields) } }
    for system in sessions.systems {
        chain.add(
            SessionHandler(
                system.manager, system: system.system, isTLS: sessions.isTLS, skip: isSkipped))
    }
    for route in routes {
        chain.add(.method(route.method), .path(PathPattern(route.path))) {
            (request: Request) async throws -> Response in
            let asked = AppRequest(requestSessions: request.requestSessions, parameter: { request.parameters[$0] })
            do {
                let answer = try await route.handler(asked)
                return response(answer)
            } catch let refusal as AppRefusal {
                throw HTTPError(refusal.status)
            }
        }
    }
    return try await withChain(
        sessions.mount.map { HandlerChain().mount($0, chain) } ?? chain, logger: sessions.logger, body)
}

private func response(_ answer: AppResponse) -> Response {
    let body: ResponseBody =
        switch answer.body {
        case .none: .none
        case .bytes(let bytes): .bytes(bytes)
        case .stream(let texts, let pause):
            .stream { writer in
                for (index, text) in texts.enumerated() {
                    if index > 0 { try await Task.sleep(for: pause) }
                    try await writer.write(text)
                }
            }
        case .made(let make):
            .stream { writer in
                // A first piece, with which the head leaves.
                try await writer.write(" ")
                try await writer.write(await make())
            }
        }
    return Response(status: answer.status, headerFields: answer.headerFields, body: body)
}

/// Runs a server that a chain is attached to on a free port, and `body` with its port.
public func withChain<Result: Sendable>(
    _ chain: HandlerChain,
    logger: Logger = Logger(label: "app", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    var configuration = HTTPServer.Configuration(port: 0)
    configuration.logger = logger
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let server = HTTPServer(configuration, onListening: { continuation.yield($0.port ?? 0) })
    chain.attach(server)
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { continuation.finish() }
            try await server.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.waitForAll()
            throw HTTPConnection.Failure(description: "the server ended before it ran")
        }
        defer { tasks.cancelAll() }
        return try await body(port)
    }
}
