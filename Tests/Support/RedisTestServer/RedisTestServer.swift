import Foundation
import Synchronization

/// A real `redis-server` on a free port and a unix socket, in a directory of its own.
public final class RedisTestServer: Sendable {
    /// The port on 127.0.0.1.
    public let port: Int
    public let directory: String
    private let arguments: [String]
    private let process = Mutex<Int32?>(nil)

    public var url: String { "redis://127.0.0.1:\(port)" }
    public var socketPath: String { directory + "/redis.sock" }
    public var unixURL: String { "unix://" + socketPath }

    /// - Parameter arguments: Further arguments of `redis-server`, as `["--appendonly", "yes"]`.
    public init(arguments: [String] = [], port: Int? = nil) throws {
        self.port = try port ?? freePort()
        self.arguments = arguments
        directory = NSTemporaryDirectory() + "/redis-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    /// Starts the server, and returns once it answers.
    public func start() async throws {
        let arguments = [
            "redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--unixsocket", socketPath, "--dir", directory,
            "--save", "", "--logfile", directory + "/log", "--daemonize", "no",
        ]
        let pid = try spawn(arguments + self.arguments)
        process.withLock { $0 = pid }
        let end = ContinuousClock.now + .seconds(20)
        while true {
            let isReady = (try? await command("PING")).map {
                $0 != .error("LOADING Redis is loading the dataset in memory")
            }
            if isReady == true { return }
            guard ContinuousClock.now < end else { throw RawRedis.Failure(description: "redis-server doesn't answer") }
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
        }
    }
}
