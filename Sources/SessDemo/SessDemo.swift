import ArgumentParser
import HiredisClient
import Hummingbird
import Logging
import Modeler
import ModelerRedis
import NIOPosix
import ServiceLifecycle
import Sess
import SessHummingbird

/// The demo server: a page and a small REST interface over the session of whoever asks.
@main
struct SessDemo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sess-demo",
        abstract: "Serve a page and a REST interface over sessions.",
        discussion: """
            Start it twice with the same --store redis://… and both nodes share their sessions.
            """
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: "This node's name, shown on the page.")
    var node = "node-1"

    @Option(help: "Where sessions are stored: memory, sqlite:PATH, redis://… or unix://….")
    var store = "memory"

    @Option(help: "What the store's keys begin with.")
    var prefix = "sess-demo:"

    @Option(help: "The cookie's name.")
    var key = "sess"

    @Option(help: "Whether the cookie is for TLS only.")
    var secure = SecureOption.auto

    @Option(
        name: .customLong("trusted-proxy"),
        help: "A block of addresses, such as 10.0.0.0/8, whose X-Forwarded-Proto is believed. May be repeated."
    )
    var trustedProxies: [String] = []

    @Option(help: "Seconds a session lives after its last use.")
    var idle = 1800

    @Option(help: "Seconds a session lives after it began.")
    var absolute = 43200

    @Option(name: .customLong("store-down"), help: "What requests do while the store can't serve.")
    var storeDown = StoreDownOption.fail

    enum SecureOption: String, ExpressibleByArgument, CaseIterable {
        case auto, always, never
    }

    enum StoreDownOption: String, ExpressibleByArgument, CaseIterable {
        case fail, anonymous
    }

    func validate() throws {
        guard (0...65535).contains(port) else {
            throw ValidationError("--port is a number from 0 to 65535, not \(port).")
        }
        guard idle > 0, absolute > 0 else {
            throw ValidationError("--idle and --absolute are one second or more.")
        }
        do {
            _ = try sessionOptions()
        } catch {
            throw ValidationError(error.message)
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .notice
            return handler
        }
        let group = MultiThreadedEventLoopGroup.singleton
        let demoStore: DemoStore
        do {
            demoStore = try DemoStore(store, prefix: prefix, eventLoopGroup: group)
        } catch {
            throw ValidationError("--store: \(error)")
        }
        let manager = try SessionManager(sessions: demoStore.sessions, options: sessionOptions())
        let demo = DemoRoutes(node: node, manager: manager, store: demoStore)
        let (host, node, storeName) = (host, node, demoStore.kind)
        var application = Application(
            router: demo.router(),
            // With Redis a request then changes threads neither for its socket nor for its session.
            server: demoStore.livesOnEventLoops ? .http1OnEventLoop() : .http1(),
            configuration: .init(address: .hostname(host, port: port)),
            services: demoStore.services,
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                let name = host.contains(":") ? "[\(host)]" : host
                StandardOutput.writeLine("sess-demo \(node) is ready on http://\(name):\(port) (store: \(storeName))")
            },
            eventLoopGroupProvider: .shared(group),
            logger: Logger(label: "sess-demo")
        )
        // The first requests find a connection to the store, if the store is there. If not, the server starts anyway.
        application.beforeServerStarts { _ = await demoStore.problem() }
        try await application.runService()
    }

    private func sessionOptions() throws(SessionError) -> SessionOptions {
        var options = SessionOptions()
        let secure: SessionCookie.Secure =
            switch self.secure {
            case .auto: .auto
            case .always: .always
            case .never: .never
            }
        options.cookie = try SessionCookie(name: key, secure: secure)
        options.limits = Expiry(idle: .seconds(idle), absolute: .seconds(absolute))
        options.trustedProxies = try TrustedProxies(trustedProxies)
        options.storeDown = storeDown == .fail ? .fail : .anonymous
        return options
    }
}
