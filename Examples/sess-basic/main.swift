// Sessions in this process's memory, and a small REST interface over them:
//   curl -b jar -c jar -d '{"its":"working"}' http://127.0.0.1:3000/session
//   curl -b jar -c jar http://127.0.0.1:3000/session
import Middler
import Modeler
import Sess
import SessMiddler

let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 3000
let server = HTTPServer(port: port)

@Sendable func show(_ session: Session) throws -> Response {
    var shown = session.data
    shown["id"] = .string("\(session.id)")
    shown["rev"] = .integer(Int(session.revision))
    return .json(try EncodedJSON(encoding: JSONValue.object(shown)).bytes)
}

middler(server)
    .add(sess())
    .get("/", "/session") { request in
        try show(request.session)
    }
    .post("/session") { request in
        let body = try await request.body.collect(upTo: 64 * 1024)
        guard let members = try? JSONValue(parsing: body.readableBytesView).object else {
            throw HTTPError(.badRequest, "The body must be one JSON object.\n")
        }
        for (name, value) in members where !["id", "rev"].contains(name) { request.session[name] = value }
        // Without this it would be saved after the answer is made, and show the revision before.
        try await request.session.save()
        return try show(request.session)
    }
    .delete("/session") { request in
        try await request.session.destroy()
        return Response(status: .noContent)
    }

try await server.run()
