import Foundation

/// The program `SQLiteWriter`, run beside the test.
struct WriterProcess: Sendable {
    private let process: Process

    init(_ arguments: [String]) throws {
        let directory = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = directory.appendingPathComponent("SQLiteWriter")
        process.arguments = arguments
        try process.run()
        self.process = process
    }

    /// Sends SIGKILL.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// Waits for the end of the process, on a thread of its own. Returns its status.
    @discardableResult
    func end() async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread {
                process.waitUntilExit()
                continuation.resume(returning: process.terminationStatus)
            }.start()
        }
    }
}
