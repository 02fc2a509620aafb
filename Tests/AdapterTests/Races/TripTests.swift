import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// What requests ask of the store.
@Suite struct TripTests {
    @Test(
        "C7 A read-only request is one call of the store; it writes nothing inside the renewal window, and once outside",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func readOnly(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let counted = InterposedCollection(store.sessions)
            let managers = try [Duration.seconds(600), .zero].map { window in
                var options = SessionOptions()
                options.timeouts.renewalWindow = window
                return try SessionManager(sessions: counted, options: options)
            }
            try await withServers(on: adapter, managers) { app in
                app.get("/read") { request in "\(request.session["n", default: 0])" }
                app.get("/unused") { _ in "ok" }
                app.get("/write") { request in
                    request.session["n", default: 0] += 1
                    request.session["m"] = 1
                    return "ok"
                }
            } _: { ports in
                let (inside, outside) = (ports[0], ports[1])
                let browser = Browser(port: inside)
                try await browser.get("/write")
                #expect(counted.log == [.insert])
                try await browser.get("/write")
                #expect(counted.log == [.insert, .fetch, .commit])
                try await store.server?.resetCounts()
                for index in 0..<50 {
                    let response = try await browser.get(index.isMultiple(of: 5) ? "/unused" : "/read")
                    #expect(response.setCookies.isEmpty)
                }
                #expect(counted.log.dropFirst(3) == Array(repeating: .fetch, count: 50)[...])
                if let server = store.server {
                    #expect(try await server.commandCounts() == ["hgetall": 50, "time": 50])
                    try await server.resetCounts()
                    try await browser.get("/write")
                    let counts = try await server.commandCounts()
                    #expect(counts["hgetall"] == 1 && counts["evalsha"] == 1)
                } else {
                    try await browser.get("/write")
                }
                #expect(counted.log.dropFirst(53) == [.fetch, .commit])
                // So that there is a deadline to move.
                try await Task.sleep(for: .milliseconds(5))
                try await browser.get("/read", to: outside)
                #expect(counted.log.suffix(2) == [.fetch, .commit])
                #expect(counted.log.count == 57)
                await browser.client.closeIdle()
            }
        }
    }
}
