import Foundation
import RedisTestServer
import SessTestSupport

/// One of the examples, run as a reader runs it.
struct ExampleProgram: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let process: Process
    private let output: URL

    private init(_ name: String, _ arguments: [String], _ environment: [String: String], in directory: String) throws {
        output = URL(fileURLWithPath: directory).appendingPathComponent("\(name)-\(UUID().uuidString.prefix(8)).out")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try builtProgram(name))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        // What is logged there may differ from run to run.
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    /// Runs a program to its end. Returns the lines that it wrote.
    static func run(
        _ name: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        in directory: String
    ) async throws -> [String] {
        let program = try ExampleProgram(name, arguments, environment, in: directory)
        let end = ContinuousClock.now + .seconds(60)
        while program.process.isRunning {
            guard ContinuousClock.now < end else {
                program.kill()
                throw Failure(description: "\(name) doesn't end")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        let text = String(decoding: try Data(contentsOf: program.output), as: UTF8.self)
        guard program.process.terminationStatus == 0 else {
            throw Failure(description: "\(name) ended with \(program.process.terminationStatus): \(text)")
        }
        return text.split(separator: "\n").map(String.init)
    }

    /// Runs `body` with a browser of a program that serves, and kills the program afterwards.
    static func serving<Result>(
        _ name: String,
        environment: [String: String] = [:],
        in directory: String,
        _ body: (Browser) async throws -> Result
    ) async throws -> Result {
        let port = try freePort()
        let program = try ExampleProgram(name, ["\(port)"], environment, in: directory)
        defer { program.kill() }
        let client = TestHTTPClient()
        try await eventually {
            guard program.process.isRunning else { throw Failure(description: "\(name) has ended") }
            return try await client.send(.get("/no-such-page"), to: port, keepsConnection: false).status > 0
        }
        return try await body(Browser(port: port))
    }

    private func kill() {
        guard process.isRunning else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        // SIGKILL can't be held up by the program, so this is short.
        process.waitUntilExit()
    }
}
