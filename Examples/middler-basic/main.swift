// A server and its chain of handlers: curl http://127.0.0.1:3000/
import Middler

let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 3000
let server = HTTPServer(port: port)

// A handler that sees every request and hands it on.
middler(server) { request, next in
    print(request.method, request.path)
    return try await next(request)
}

// middler(server) is the same chain each time.
middler(server)
    .get("/") { _ in "hello world!\n" }
    // Added last, it runs last.
    .add { _ in Response.text("page not found...\n", status: .notFound) }

try await server.run()
