import Foundation

/// Another program that a suite runs.
enum Child {
    /// Runs a program to its end and reads its line of results.
    static func sample(_ program: String, _ arguments: [String]) throws -> Sample {
        let text = try output(program, arguments)
        guard let line = text.split(separator: "\n").last(where: { $0.contains("=") }) else {
            throw Failure("\(program) \(arguments.joined(separator: " ")) printed no result: \(text)")
        }
        return Sample(parsing: String(line))
    }

    /// Runs a program to its end and reads what it prints. Blocks: suites do nothing else meanwhile.
    static func output(_ program: String, _ arguments: [String]) throws -> String {
        let (process, pipe) = try start(program, arguments)
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: data, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failure("\(program) \(arguments.joined(separator: " ")) failed: \(text)")
        }
        return text
    }

    static func start(_ program: String, _ arguments: [String]) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        return (process, pipe)
    }

    static let own = CommandLine.arguments[0]
}
