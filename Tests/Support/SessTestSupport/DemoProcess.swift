import Foundation
import RedisTestServer
import Synchronization

/// A running `sess-demo` with a free port, whose output is kept.
public final class DemoProcess: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// How a program ended and what it wrote.
    public struct Result: Sendable {
        public var status: Int32
        public var output: String
        public var errors: String
    }

    private let pid: pid_t
    private let directory: String
    private let ended = Mutex(false)
    private let readyPort = Mutex(0)

    /// The port it listens on.
    public var port: Int { readyPort.withLock { $0 } }

    private init(_ arguments: [String], after shell: String? = nil) throws {
        directory = NSTemporaryDirectory() + "/sess-demo-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var command = [try Self.executable()] + arguments
        if let shell { command = ["/bin/sh", "-c", "\(shell) && exec \"$0\" \"$@\""] + command }
        pid = try Self.spawn(command, directory: directory)
    }

    /// Starts the program on a free port, and returns once it says that it is ready.
    ///
    /// - Parameter shell: Commands of the shell that starts it: `ulimit`, say.
    public static func start(_ arguments: [String], after shell: String? = nil) async throws -> DemoProcess {
        let process = try DemoProcess(["--port", "0"] + arguments, after: shell)
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if let port = process.announcedPort {
                process.readyPort.withLock { $0 = port }
                return process
            }
            if process.hasEnded() { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        process.kill()
        throw Failure(description: "sess-demo did not become ready: \(process.output) \(process.errors)")
    }

    /// Runs the program to its end: for arguments that it refuses.
    public static func run(_ arguments: [String]) async throws -> Result {
        let process = try DemoProcess(arguments)
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            var status: Int32 = 0
            if waitpid(process.pid, &status, WNOHANG) == process.pid {
                process.ended.withLock { $0 = true }
                defer { process.removeFiles() }
                return Result(status: (status >> 8) & 0xFF, output: process.output, errors: process.errors)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        process.kill()
        throw Failure(description: "sess-demo did not end by itself: \(process.output)")
    }

    /// Waits until the node reaches its store.
    public func waitUntilHealthy() async throws {
        try await eventually { [client = TestHTTPClient()] in
            try await client.send(.get("/health"), to: port, keepsConnection: false).status == 200
        }
    }

    #if os(Linux)
    /// The processor time that it has used.
    public func processorTime() throws -> Duration {
        // Behind the name, which ends with the last parenthesis, user and system time are the 12th and 13th.
        let status = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = status.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
            throw Failure(description: "the system doesn't tell the processor time")
        }
        return .milliseconds((user + system) * 1000 / sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The descriptors that it has open.
    public func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
    }

    /// The most memory that it has had at once so far, in bytes.
    public func largestMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kibibytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({
                Int($0)
            })
        else { throw Failure(description: "the system doesn't tell the memory") }
        return kibibytes * 1024
    }
    #endif

    public var output: String { read("out") }
    public var errors: String { read("err") }

    /// Ends the program at once, by SIGKILL.
    public func kill() { end(SIGKILL) }

    /// Ends the program in good order, by SIGTERM; returns whether it ended within 20 seconds.
    public func terminate() async throws -> Bool {
        _ = Foundation.kill(pid, SIGTERM)
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            if hasEnded() { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    /// Removes what it wrote.
    public func removeFiles() { try? FileManager.default.removeItem(atPath: directory) }

    private func end(_ signal: Int32) {
        ended.withLock { ended in
            guard !ended else { return }
            _ = Foundation.kill(pid, signal)
            var status: Int32 = 0
            // SIGKILL can't be held up by the program, so this is short.
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            ended = true
        }
    }

    private func hasEnded() -> Bool {
        ended.withLock { ended in
            var status: Int32 = 0
            if !ended, waitpid(pid, &status, WNOHANG) == pid { ended = true }
            return ended
        }
    }

    private var announcedPort: Int? {
        guard let line = output.split(separator: "\n").first(where: { $0.contains(" is ready on http://") }),
            let address = line.split(separator: " ").first(where: { $0.hasPrefix("http://") }),
            let port = address.split(separator: ":").last
        else { return nil }
        return Int(port)
    }

    private func read(_ name: String) -> String {
        FileManager.default.contents(atPath: directory + "/" + name).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// The program beside the tests, or the one that `SESS_DEMO` names: that of a release build, say.
    private static func executable() throws -> String {
        guard let named = ProcessInfo.processInfo.environment["SESS_DEMO"] else { return try builtProgram("sess-demo") }
        guard FileManager.default.isExecutableFile(atPath: named) else {
            throw Failure(description: "SESS_DEMO names no program: \(named)")
        }
        return named
    }

    private static func spawn(_ arguments: [String], directory: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, directory + "/out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, directory + "/err", O_WRONLY | O_CREAT, 0o600)
        var copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        // The backtracer holds up a program that was meant to end.
        var environment: [UnsafeMutablePointer<CChar>?] = ProcessInfo.processInfo.environment
            .filter { $0.key != "SWIFT_BACKTRACE" }.map { strdup("\($0.key)=\($0.value)") }
        environment.append(strdup("SWIFT_BACKTRACE=enable=no"))
        defer { for copy in copies + environment { free(copy) } }
        copies.append(nil)
        environment.append(nil)
        var pid: pid_t = 0
        let result = withDefaultSignals { posix_spawn(&pid, arguments[0], &actions, $0, copies, environment) }
        guard result == 0 else {
            throw Failure(description: "can't start sess-demo: \(String(cString: strerror(result)))")
        }
        return pid
    }
}
