import Foundation
import RedisTestServer

/// The program in Node/express.js, which handles requests as an app of Express does.
struct NodeProgram: Sendable {
    private let input: FileHandle
    private let output: FileHandle

    struct Failure: Error { let text: String }

    /// Has the program handle a request of each session, all at once.
    ///
    /// - Returns: What it answered with an error.
    func requests(_ ids: [String]) async throws -> [String] {
        let lines = ids.enumerated().map { "\($0.offset) \($0.element)\n" }.joined()
        return try await offPool { [input, output] in
            try input.write(contentsOf: Data(lines.utf8))
            var text = Data()
            while text.count(where: { $0 == UInt8(ascii: "\n") }) < ids.count {
                let more = output.availableData
                guard !more.isEmpty else { throw Failure(text: "node ended") }
                text += more
            }
            let answers = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            return answers.filter { !$0.hasSuffix(" ok") }
        }
    }

    /// Runs `body` with the program on a Redis.
    static func run(_ server: RedisTestServer, _ body: (NodeProgram) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["node", Fixtures.directory(#filePath) + "/Node/express.js", "\(server.port)"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            try? input.fileHandleForWriting.close()
            process.terminate()
        }
        try await body(NodeProgram(input: input.fileHandleForWriting, output: output.fileHandleForReading))
    }
}
