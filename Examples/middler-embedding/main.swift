// Chains within chains: each feature is one of its own. curl http://127.0.0.1:3000/blog/posts/7
import Middler

/// A feature that any app can add.
let blog = HandlerChain()
    .get("/") { _ in "all posts\n" }
    .get("/posts/:id") { request in "post \(try request.parameters.require("id")) of \(request.fullPath)\n" }

/// Errors of this chain stay within it.
let shop = HandlerChain()
    .get("/") { _ -> String in throw HTTPError(.forbidden, "no money, no goods\n") }
    .onError { error, _ in .text("The shop says: \(error)\n", status: .forbidden) }

let site = HandlerChain()
    .mount("/blog", blog)
    .mount("/shop", shop)
    .get("/") { _ in "welcome\n" }

let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 3000
let server = HTTPServer(port: port)
middler(server)
    .add("admin.*") { _ in "a virtual host of its own\n" }
    .add(site)
    .add { _ in Response.text("page not found...\n", status: .notFound) }

try await server.run()
