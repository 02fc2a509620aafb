// Sessions in Redis: start it twice, with PORT=3000 and PORT=3001, and both servers count together.
//   curl -b jar -c jar http://127.0.0.1:3000/ ; curl -b jar -c jar http://127.0.0.1:3001/
import Foundation
import Middler
import ModelerRedis
import Sess
import SessMiddler

let environment = ProcessInfo.processInfo.environment
let server = HTTPServer(port: environment["PORT"].flatMap(Int.init) ?? 3000)

let sessions = try RedisCollection(
    url: environment["REDIS_URL"] ?? "redis://127.0.0.1", prefix: "myapp:", name: "sessions")

middler(server)
    .add(sess(SessionManager(sessions: sessions)))
    .get("/") { request in
        let times = try await request.session.increment("times")
        return "\(times) times in session \(request.sessionID)\n"
    }

try await server.run()
