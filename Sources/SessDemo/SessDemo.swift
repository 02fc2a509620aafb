import ArgumentParser
import Configuration
import HiredisClient
import Logging
import Modeler
import ModelerRedis
import NIOPosix
import Sess
import SessConfiguration

/// The demo server: a page and a small REST interface over the session of whoever asks.
@main
struct SessDemo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sess-demo",
        abstract: "Serve a page and a REST interface over sessions.",
        discussion: """
            Start it twice with the same --store redis://… and both nodes share their sessions.
            What no option says is read from the environment: SESSION_IDLE_TIMEOUT, REDIS_TLS_CA_FILE… (--print-config).
            """
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: "This node's name, shown on the page.")
    var node = "node-1"

    @Option(
        help: "The address of another node that shares the sessions, as 127.0.0.1:8081: half of the writers go there.")
    var peer: String?

    @Option(help: "What serves HTTP: hummingbird or middler.")
    var adapter = AdapterOption.hummingbird

    @Option(
        help: """
            Where sessions are stored: memory, sqlite:PATH, a URL of Redis, as redis://…, or redis or sqlite as the \
            environment says.
            """
    )
    var store = "memory"

    @Option(help: "What the store's keys begin with.")
    var prefix = "sess-demo:"

    @Option(help: "The cookie's name. (default: sess)")
    var key: String?

    @Option(help: "Whether the cookie is for TLS only. (default: auto)")
    var secure: SecureOption?

    @Option(
        name: .customLong("trusted-proxy"),
        help: "A block of addresses, such as 10.0.0.0/8, whose X-Forwarded-Proto is believed. May be repeated."
    )
    var trustedProxies: [String] = []

    @Option(help: "Seconds a session lives after its last use. (default: 1800)")
    var idle: Int?

    @Option(help: "Seconds a session lives after it began. (default: 43200)")
    var absolute: Int?

    @Option(
        name: .customLong("store-down"), help: "What requests do while the store can't serve. (default: fail)")
    var storeDown: StoreDownOption?

    @Flag(name: .customLong("print-config"), help: "Print the effective settings, without secrets, and exit.")
    var printsConfiguration = false

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
        if let peer, PeerNode(peer) == nil {
            throw ValidationError("--peer is HOST:PORT, as in 127.0.0.1:8081, not '\(peer)'.")
        }
        guard idle ?? 1 > 0, absolute ?? 1 > 0 else {
            throw ValidationError("--idle and --absolute are one second or more.")
        }
        do {
            _ = try sessionOptions()
        } catch let error as SessionError {
            throw ValidationError(error.message)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() async throws {
        guard !printsConfiguration else {
            try DemoConfiguration.printReport(flags: flags)
            return
        }
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .notice
            return handler
        }
        let group = MultiThreadedEventLoopGroup.singleton
        let demoStore: DemoStore
        do {
            demoStore = try DemoStore(
                store, prefix: prefix, config: DemoConfiguration.reader(flags: flags), eventLoopGroup: group)
        } catch {
            throw ValidationError("--store: \(error)")
        }
        let manager = try SessionManager(sessions: demoStore.sessions, options: sessionOptions())
        let routes = DemoRoutes(
            node: node, manager: manager, store: demoStore, peer: peer.flatMap(PeerNode.init))
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

    /// What the options say, as values of configuration keys.
    private var flags: [String: String] {
        var values: [String: String] = [:]
        values["session.cookie.name"] = key
        values["session.cookie.secure"] = secure?.rawValue
        values["session.idleTimeout"] = idle.map { "\($0)s" }
        values["session.absoluteTimeout"] = absolute.map { "\($0)s" }
        values["session.store.whenDown"] = storeDown?.rawValue
        return values
    }

    private func sessionOptions() throws -> SessionOptions {
        var options = try SessionOptions(config: DemoConfiguration.reader(flags: flags))
        if !trustedProxies.isEmpty { options.trustedProxies = try TrustedProxies(trustedProxies) }
        return options
    }
}
