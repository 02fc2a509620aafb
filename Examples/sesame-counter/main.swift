// A counter for each visitor, which starts anew when the server does: curl -b jar -c jar http://127.0.0.1:9090/
import Middler
import Sess
import SessMiddler

let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 9090
let server = HTTPServer(port: port)

middler(server)
    .add(sess())
    .get("/") { request in
        request.session["times", default: 0] += 1
        return "\(request.session["times", default: 0]) times!\n"
    }

print("Listening on \(port)")
try await server.run()
