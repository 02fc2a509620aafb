import Hummingbird
import ModelerRedis
import SessHummingbird

let environment = Environment()
var options = SessionOptions()
options.users.maximumSessions = 5

let manager =
    if let url = environment.get("REDIS_URL") {
        try SessionManager(
            sessions: RedisCollection(url: url, prefix: "shop:", name: "sessions"), options: options)
    } else {
        try SessionManager(options: options)
    }
let address = BindAddress.hostname(
    environment.get("HOST") ?? "127.0.0.1", port: environment.get("PORT", as: Int.self) ?? 8080)
try await Application(router: makeRouter(manager), configuration: .init(address: address)).runService()
