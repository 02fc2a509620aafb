import Foundation
import Logging
import Modeler
import ModelerSQLite
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Sessions in a SQLite file that is damaged or taken away while it is open.
@Suite struct DamagedFileTests {
    enum Harm: CaseIterable, Sendable {
        /// Its pages hold nonsense.
        case damaged
        /// It is gone with its log.
        case removed
        /// Another file is in its place.
        case replaced
    }

    @Test(
        "R6 A file that is damaged, removed or replaced while it is open is a 503 that keeps the cookie",
        arguments: Harm.allCases, AdapterKind.allCases)
    func harmed(_ harm: Harm, _ adapter: AdapterKind) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/sessions.sqlite"
            let sessions = 30
            let before = try open(path)
            let begun = try await serving(before, adapter) { port in
                try await concurrently(sessions, width: 4) { _ in
                    try await withBrowser(port) { browser in
                        let response = try await browser.post("/write")
                        #expect(response.status == 200)
                        return browser.cookies
                    }
                }
            }
            await before.file.close()

            // Opened anew, so that none of it is in the connections' memory.
            let collection = try open(path)
            try await serving(collection, adapter) { port in
                try harm.happen(to: path)
                // Reads look at the place of the file ten times a second.
                try await Task.sleep(for: .milliseconds(120))
                for cookies in begun {
                    let browser = Browser(port: port, cookies: cookies)
                    for response in [try await browser.get("/read"), try await browser.post("/write")] {
                        #expect(response.status == 503)
                        #expect(response["Retry-After"] == ["1"])
                        #expect(response.setCookies.isEmpty)
                    }
                    #expect(browser.token == cookies["sess"])
                    await browser.client.closeIdle()
                }
                if harm != .damaged {
                    let response = try await withBrowser(port) { try await $0.post("/write") }
                    #expect(response.status == 503)
                }
            }
            await #expect(throws: ModelError.self) { try await collection.file.check() }
            await collection.file.close()
        }
    }

    private func open(_ path: String) throws -> SQLiteCollection {
        try SQLiteCollection(path: path, name: "sessions", settings: SQLiteSettings(timeout: .seconds(60)))
    }

    private func serving<Result: Sendable>(
        _ collection: SQLiteCollection,
        _ adapter: AdapterKind,
        _ body: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> Result {
        var options = SessionOptions()
        options.logger.logLevel = .critical
        let manager = try SessionManager(sessions: collection, options: options)
        return try await withApp(on: adapter, manager) { app in
            app.get("/read") { request in "\(request.session["n", default: 0])" }
            app.post("/write") { request in
                request.session["n", default: 0] += 1
                return "written"
            }
        } _: {
            try await body($0)
        }
    }
}

extension DamagedFileTests.Harm {
    fileprivate func happen(to path: String) throws {
        switch self {
        case .damaged:
            let content = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            let size = try content.seekToEnd()
            try content.seek(toOffset: 4096)
            try content.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4096))
            try content.close()
        case .removed:
            for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: path + suffix) }
        case .replaced:
            try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
            guard rename(path + ".copy", path) == 0 else { throw POSIXError(.EIO) }
        }
    }
}
