import Foundation
import Modeler
import SessTestSupport
import Testing

/// What requests and the health check see of a SQLite file that can't be written.
@Suite struct StoreFileTests {
    @Test(
        "R6 A file that is taken away under a server is a red health check, and nothing is acknowledged any more",
        arguments: [["", "-wal", "-shm"], ["-wal", "-shm"], ["-wal"], ["-shm"]], AdapterKind.allCases)
    func removed(suffixes: [String], _ adapter: AdapterKind) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/sessions.sqlite"
            try await withDemo(["--store", "sqlite:\(path)", "--adapter", adapter.rawValue]) { demo in
                let browser = Browser(port: demo.port)
                #expect(try await browser.post("/session", #"{"a":1}"#).status == 200)
                #expect(try await browser.get("/health").status == 200)
                let token = browser.token
                for suffix in suffixes { try FileManager.default.removeItem(atPath: path + suffix) }
                #expect(try await browser.post("/session", #"{"a":2}"#).status == 503)
                let health = try await browser.get("/health")
                #expect(health.status == 503)
                #expect(health.json["reason"] == "unavailable")
                #expect(try await Browser(port: demo.port).post("/session", #"{"a":3}"#).status == 503)
                #expect(browser.token == token)
            }
        }
    }

    @Test("R6 A disk without room is a red health check; sessions are read on, and none is lost")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/sessions.sqlite"
            // Files may grow to some hundred KiB, and a write beyond that is an error.
            let limit = "trap '' XFSZ && ulimit -f 400"
            let store = ["--store", "sqlite:\(path)"]
            let value = String(repeating: "x", count: 20_000)
            var kept: [KeptSession] = []
            try await withDemo(store, after: limit) { demo in
                #expect(try await Browser(port: demo.port).get("/health").status == 200)
                for number in 0..<100 {
                    let browser = Browser(port: demo.port)
                    let response = try await browser.post("/session", #"{"n":\#(number),"text":"\#(value)"}"#)
                    guard response.status == 200 else {
                        #expect(response.status == 503)
                        #expect(response.setCookies.isEmpty)
                        break
                    }
                    kept.append(KeptSession(browser: browser, number: number))
                }
                #expect((1..<100).contains(kept.count))
                // A check writes a single page, for which there may be room left at first.
                let client = Browser(port: demo.port)
                try await eventually { try await client.get("/health").status == 503 }
                for session in kept {
                    #expect(try await session.browser.get("/session").json["n"].int == session.number)
                }
            }
            try await withDemo(store) { demo in
                #expect(try await Browser(port: demo.port).get("/health").status == 200)
                for session in kept {
                    let response = try await session.browser.get("/session", to: demo.port)
                    #expect(response.json["n"].int == session.number)
                }
            }
        }
    }

    /// A session that was acknowledged.
    private struct KeptSession {
        var browser: Browser
        var number: Int
    }
}
