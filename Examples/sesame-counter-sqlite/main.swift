// The counter in a file: it goes on where it was when the server starts again.
import Middler
import ModelerSQLite
import Sess
import SessMiddler

let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 9090
let server = HTTPServer(port: port)
let sessions = try SQLiteCollection(path: "counter.sqlite", name: "sessions")

middler(server)
    .add(sess(SessionManager(sessions: sessions)))
    .get("/") { request in
        request.session["times", default: 0] += 1
        return "\(request.session["times", default: 0]) times!\n"
    }
    .get("/reset") { request in
        // The session goes on, without data.
        request.session.data = [:]
        return "emptied\n"
    }

print("Listening on \(port)")
try await server.run()
