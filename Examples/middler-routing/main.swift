// Who answers what. Try curl http://127.0.0.1:3000/posts/7, …/articles/2024/may, …/v12, and -H 'Host: api.localhost'.
import Middler

struct Whoops: Error {}

let timing = HandlerFunction { request, next in
    let start = ContinuousClock.now
    defer { print(request.path, start.duration(to: .now)) }
    return try await next(request)
}

let chain = HandlerChain()
    .get("/robots.txt") { _ in "humans only!\n" }
    .get("/posts/:id") { request in "post \(try request.parameters.require("id"))\n" }
    .post("/posts") { request in
        let body = try await request.body.collect(upTo: 64 * 1024)
        return Response.text("\(body.readableBytes) bytes\n", status: .created)
    }
    .get("/articles/*/*") { request in "articles of \(request.parameters.list)\n" }
    .get(.regex(#/^/v(?<number>\d+)$/#)) { request in "version \(try request.parameters.require("number"))\n" }
    .add([.put, .patch], ["/a", "/b"]) { _ in "changed\n" }
    .add("api.*") { _ in "for programs\n" }
    .get("/whoops") { _ -> String in throw Whoops() }
    // Weights: first is −1000, last is 1000.
    .last { request in Response.text("nothing at \(request.path)\n", status: .notFound) }
    .first(timing)
    .add(500) { request, next in try await next(request) }
    .onError { error, _ in .text("sorry: \(error)\n", status: .internalServerError) }

// Handlers and paths can go again, also while the server runs.
chain.remove("/b")

let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 3000
let server = HTTPServer(port: port)
chain.attach(server)
try await server.run()
