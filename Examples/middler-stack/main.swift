// Who runs when, and who goes again: curl http://127.0.0.1:3000/ and -d 'a=1' http://127.0.0.1:3000/posts
import Middler

enum BodyKey: RequestKey { typealias Value = String }

let parse = HandlerFunction { request, next in
    request[BodyKey.self] = String(buffer: try await request.body.collect(upTo: 64 * 1024))
    return try await next(request)
}
let store = HandlerFunction { request in "stored \(request[BodyKey.self] ?? "nothing")\n" }
let passing = HandlerFunction { request, next in try await next(request) }

let chain = middler()
    // Runs last: its weight is 1000.
    .last { _ in Response.text("page not found\n", status: .notFound) }
    // Runs first: its weight is −1000.
    .first { request, next in
        print(request.method, request.path)
        return try await next(request)
    }
    // A number is a weight: between the two above.
    .add(500) { request, next in try await next(request) }
    // Several methods, and several handlers, which run one after the other.
    .add([.get, .post], "/") { request in "\(request.method) of the root\n" }
    .post("/posts", run: parse, store)
    .add(passing)
    .get("/about") { _ in "about us\n" }

// A handler goes by itself, a path by its name. `removeAll()` takes what is left.
chain.remove(passing)
chain.remove("/about")

// A chain can be attached and detached at any time, and then be attached to another server.
let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 3000
let server = HTTPServer(port: port)
chain.attach(server)
try await server.run()
chain.detach()
