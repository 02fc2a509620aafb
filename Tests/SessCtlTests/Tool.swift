import Foundation
import SessTestSupport

/// The program, run as an operator runs it.
enum Tool {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Runs the program to its end.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Result {
        try await withTemporaryDirectory { directory in
            let files = ["out", "err"].map { URL(fileURLWithPath: directory).appendingPathComponent($0) }
            for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try builtProgram("sessctl"))
            process.arguments = arguments
            // Wide, so that the text of help doesn't depend on the terminal of whoever runs the tests.
            process.environment = ProcessInfo.processInfo.environment.merging(["COLUMNS": "80", "USER": "op"]) { $1 }
                .merging(environment) { $1 }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: files[0])
            process.standardError = try FileHandle(forWritingTo: files[1])
            try process.run()
            let end = ContinuousClock.now + .seconds(120)
            while process.isRunning {
                guard ContinuousClock.now < end else {
                    kill(process.processIdentifier, SIGKILL)
                    throw Failure(description: "sessctl \(arguments) doesn't end")
                }
                try await Task.sleep(for: .milliseconds(5))
            }
            let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
            return Result(status: process.terminationStatus, output: texts[0], errors: texts[1])
        }
    }
}
