import ArgumentParser
import HiredisClient
import Logging
import Modeler
import ModelerRedis
import NIOPosix
import Sess

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

    @Option(help: "What serves HTTP: hummingbird or middler.")
    var adapter = AdapterOption.hummingbird

    @Option(help: "Where sessions are stored: memory, sqlite:PATH, or a URL of Redis, as redis://….")
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

    enum AdapterOption: String, ExpressibleByArgument, CaseIterable {
        case hummingbird, middler
    }

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
        let routes = DemoRoutes(node: node, manager: manager, store: demoStore)
        let (host, node) = (host, node)
        let onListening = { @Sendable (port: Int) in
            let name = host.contains(":") ? "[\(host)]" : host
            StandardOutput.writeLine(
                "sess-demo \(node) is ready on http://\(name):\(port) (store: \(demoStore.kind))")
        }
        switch adapter {
        case .hummingbird:
            try await HummingbirdAdapter(
                routes: routes, store: demoStore, host: host, port: port, group: group, onListening: onListening
            ).run()
        case .middler:
            try await MiddlerAdapter(
                routes: routes, store: demoStore, host: host, port: port, group: group, onListening: onListening
            ).run()
        }
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
        options.timeouts.expiry = Expiry(idle: .seconds(idle), absolute: .seconds(absolute))
        // The demo's limits are for everybody.
        options.timeouts.anonymous = nil
        options.trustedProxies = try TrustedProxies(trustedProxies)
        options.store.whenDown = storeDown == .fail ? .fail : .anonymous
        return options
    }
}
