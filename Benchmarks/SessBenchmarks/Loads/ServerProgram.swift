import Foundation
import HTTPTypes
import HiredisClient
import Hummingbird
import Logging
import Modeler
import ModelerRedis
import NIOCore
import NIOPosix
import ServiceLifecycle
import Sess
import SessHummingbird

/// The web server that the middleware benchmark asks: without sessions, with sessions in memory, or in Redis.
enum ServerProgram {
    static func run(_ options: Options) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: options.number("threads", 1))
        guard options.isSet("session") else {
            try await writeCookies(SessionManager(), to: options.text("cookies"))
            if options.isSet("middler") { return try await MiddlerProgram.run(nil, options, group, services: []) }
            let router = Router(context: BasicRequestContext.self)
            router.get("read") { _, _ in "0" }
            router.get("increment") { _, _ in "0" }
            return try await serve(router, options, group, services: [])
        }
        var services: [any Service] = []
        let sessions: any ModelCollection
        if options.isSet("memory") {
            sessions = MemoryCollection(name: "sessions")
        } else {
            var configuration = RedisConfiguration(address: .host("127.0.0.1", port: options.number("redis", 6379)))
            configuration.logger.logLevel = .error
            configuration.connections = options.number("threads", 1)
            let client = try RedisClient(configuration: configuration, eventLoopGroup: group)
            services.append(client)
            sessions = try RedisCollection(client: client, prefix: "web:", name: "sessions")
        }
        let manager = SessionManager(sessions: sessions)
        try await writeCookies(manager, to: options.text("cookies"))
        if options.isSet("middler") {
            return try await MiddlerProgram.run(manager, options, group, services: services)
        }
        let router = Router(context: BasicSessRequestContext.self)
        router.add(middleware: SessMiddleware(manager))
        router.get("read") { _, context in "\(context.session["times", default: 0])" }
        router.get("increment") { _, context in
            context.session["times", default: 0] += 1
            return "\(context.session["times", default: 0])"
        }
        try await serve(router, options, group, services: services)
    }

    private static func serve<Context>(
        _ router: Router<Context>, _ options: Options, _ group: MultiThreadedEventLoopGroup, services: [any Service]
    ) async throws where Context: InitializableFromSource<ApplicationRequestContextSource> {
        var logger = Logger(label: "benchmark")
        logger.logLevel = .error
        let application = Application(
            router: router,
            server: options.isSet("plain-server") ? .http1() : .http1OnEventLoop(),
            configuration: .init(address: .hostname("127.0.0.1", port: options.number("port", 8080))),
            services: services, eventLoopGroupProvider: .shared(group), logger: logger)
        try await application.runService()
    }

    /// Makes sessions of some size, and a file with a line for each one's cookie.
    private static func writeCookies(_ manager: SessionManager, to path: String) async throws {
        var lines = ""
        for _ in 0..<512 {
            let request = SessionRequest(headerFields: [:], path: "/", isSecure: false, remoteAddress: nil)
            let session = try await manager.begin(request)
            for number in 0..<9 { session["field\(number)"] = .string(String(repeating: "x", count: 90)) }
            session["times", default: 0] = 0
            var fields = HTTPFields()
            try await manager.finish(session, headerFields: &fields)
            guard let pair = fields[.setCookie]?.split(separator: ";").first else {
                throw Failure("a new session sent no cookie")
            }
            lines += "\(pair)\n"
        }
        try lines.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
