import Foundation
import Synchronization

/// A real `redis-server` on a free port and a unix socket, in a directory of its own.
public final class RedisTestServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    public let directory: String
    private let arguments: [String]
    /// What the configuration file holds that it is started with; `nil` for none.
    private let settings: String?
    private let process = Mutex<Int32?>(nil)

    public var url: String { "redis://127.0.0.1:\(port)" }
    public var socketPath: String { directory + "/redis.sock" }
    public var unixURL: String { "unix://" + socketPath }

    /// The server's program: `SESS_REDIS_SERVER`, by which scripts/matrix runs tests on other versions than the path's.
    public static let program = ProcessInfo.processInfo.environment["SESS_REDIS_SERVER"] ?? "redis-server"

    /// - Parameters:
    ///   - arguments: Further arguments of the server, as `["--appendonly", "yes"]`.
    ///   - settings: The lines of a configuration file, which the server may rewrite.
    public init(arguments: [String] = [], port: Int? = nil, settings: String? = nil) throws {
        self.settings = settings
        self.port = try port ?? freePort()
        // A cluster's bus would be 10,000 above, where the system takes ports for outgoing connections.
        let needsBus = arguments.contains("--cluster-enabled") && !arguments.contains("--cluster-port")
        self.arguments = arguments + (needsBus ? ["--cluster-port", "\(try freePort())"] : [])
        directory = NSTemporaryDirectory() + "/redis-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// A server that another process has started, to be asked only.
    public init(runningAt port: Int, directory: String) {
        self.port = port
        self.directory = directory
        arguments = []
        settings = nil
    }

    /// Starts the server, and returns once it answers.
    ///
    /// - Parameter further: Arguments for this time only, which override others.
    public func start(_ further: String...) async throws {
        let file = directory + "/redis.conf"
        if let settings, !FileManager.default.fileExists(atPath: file) {
            try settings.write(toFile: file, atomically: true, encoding: .utf8)
        }
        let arguments =
            (settings == nil ? [Self.program] : [Self.program, file]) + [
                "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socketPath, "--dir", directory,
                "--save", "", "--logfile", directory + "/log", "--daemonize", "no", "--pidfile", directory + "/pid",
            ]
        let pid = try spawn(arguments + self.arguments + further)
        process.withLock { $0 = pid }
        Self.running.withLock { _ = $0.insert(pid) }
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let isReady = (try? await command("PING")).map {
                $0 != .error("LOADING Redis is loading the dataset in memory")
            }
            if isReady == true { return }
            guard ContinuousClock.now < end else {
                throw RawRedis.Failure(description: "\(Self.program) doesn't answer")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Sends SIGKILL and waits until the process is gone.
    public func kill() async throws { try await end(SIGKILL) }

    /// Sends SIGTERM, upon which Redis closes its files, and waits until the process is gone.
    public func stop() async throws { try await end(SIGTERM) }

    /// Stops the process where it is; its connections stay open.
    public func pause() { signal(SIGSTOP) }

    /// Lets a paused process go on.
    public func resume() { signal(SIGCONT) }

    public func restart() async throws {
        try await stop()
        try await start()
    }

    /// Whether the process was started and has not been ended; it may be paused.
    public var isRunning: Bool { process.withLock { $0 != nil } }

    /// Kills what this process has started and not ended, for an exit that waits for nothing.
    public static func killAll() {
        for pid in running.withLock({ $0 }) { _ = Foundation.kill(pid, SIGKILL) }
    }

    private static let running = Mutex<Set<Int32>>([])

    /// Runs a command on a connection of its own. Errors of the server are replies.
    @discardableResult
    public func command(_ arguments: String...) async throws -> TestReply {
        try await commands([arguments])[0]
    }

    /// Runs commands one after the other on one connection of their own.
    @discardableResult
    public func commands(_ list: [[String]]) async throws -> [TestReply] {
        try await offPool { [port] in
            let raw = try RawRedis(port: port)
            return try list.map { try raw.command($0) }
        }
    }

    func removeDirectory() { try? FileManager.default.removeItem(atPath: directory) }

    private func signal(_ number: Int32) {
        process.withLock { pid in
            if let pid { _ = Foundation.kill(pid, number) }
        }
    }

    private func end(_ number: Int32) async throws {
        guard let pid = process.withLock({ $0.take() }) else { return }
        _ = Foundation.kill(pid, number)
        // A stopped process acts on a signal only once it goes on.
        _ = Foundation.kill(pid, SIGCONT)
        try await offPool {
            var status: Int32 = 0
            let end = ContinuousClock.now + .seconds(20)
            while waitpid(pid, &status, WNOHANG) == 0 {
                if ContinuousClock.now > end { _ = Foundation.kill(pid, SIGKILL) }
                usleep(1_000)
            }
            Self.running.withLock { _ = $0.remove(pid) }
        }
    }
}
