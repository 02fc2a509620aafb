import SessTestSupport
import Testing

/// A server whose system lets it open no more files.
@Suite struct OpenFilesTests {
    @Test(
        "R4 Out of descriptors, accepting pauses without spinning, open connections are served, and it recovers by itself",
        arguments: [64, 1024]
    )
    func exhausted(_ limit: Int) async throws {
        try await withDemo(["--adapter", "middler"], after: "ulimit -n \(limit)") { demo in
            let served = try await HTTPConnection.connect(port: demo.port)
            #expect(try await served.send(.get("/health")).status == 200)
            var idle: [HTTPConnection] = []
            // The system completes connections that nobody accepts.
            for _ in 0..<(limit + 20) { idle.append(try await HTTPConnection.connect(port: demo.port)) }
            try await eventually { demo.errors.contains("could not be accepted") }

            let seconds = 3
            let lines = demo.acceptingLines
            #if os(Linux)
            let used = try demo.processorTime()
            #endif
            for _ in 0..<seconds {
                try await Task.sleep(for: .seconds(1))
                #expect(try await served.send(.get("/health")).status == 200)
            }
            #expect(demo.acceptingLines - lines <= seconds + 1)
            #if os(Linux)
            #expect(try demo.processorTime() - used < .milliseconds(600))
            #endif

            for connection in idle { await connection.close() }
            try await eventually {
                try await TestHTTPClient().send(.get("/health"), to: demo.port, keepsConnection: false).status == 200
            }
            await served.close()
        }
    }
}

extension DemoProcess {
    fileprivate var acceptingLines: Int { errors.split(separator: "\n").count { $0.contains("could not be accepted") } }
}
