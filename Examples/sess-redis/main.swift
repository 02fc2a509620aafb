// Sessions in Redis: start it twice, with the ports 3000 and 3001 as arguments, and both servers count together.
//   curl -b jar -c jar http://127.0.0.1:3000/ ; curl -b jar -c jar http://127.0.0.1:3001/
import Foundation
import Middler
import ModelerRedis
import Sess
import SessMiddler

let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) ?? 3000
let server = HTTPServer(port: port)

let sessions = try RedisCollection(
    url: ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://127.0.0.1", prefix: "myapp:", name: "sessions")

middler(server)
    .add(sess(SessionManager(sessions: sessions)))
    .get("/") { request in
        let times = try await request.session.increment("times")
        return "\(times) times in session \(request.session.id)\n"
    }

try await server.run()
