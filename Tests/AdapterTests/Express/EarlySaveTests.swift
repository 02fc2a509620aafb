import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Sessions that are saved while their request runs.
@Suite("Saving in the middle of a request")
struct EarlySaveTests {
    @Test(
        "E12 save() stores now, and the end of the request has nothing left to write; what changes later is written",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func save(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            try await serve(store, adapter) { app in
                for (path, saves, later) in [
                    ("/once", 1, false), ("/twice", 2, false), ("/later", 1, true), ("/never", 0, false),
                ] {
                    app.post(path) { request in
                        request.session["n", default: 0] += 1
                        for _ in 0..<saves { try await request.session.save() }
                        // What the store itself has by now, as any other server would see it.
                        let stored = try await store.sessions.fetch(request.session.id)
                        let seen = stored?.fields["n"].map { String(decoding: $0.value.bytes, as: UTF8.self) } ?? "none"
                        let isModified = request.session.isModified
                        if later { request.session["m"] = 1 }
                        return "\(seen) \(isModified)"
                    }
                }
                app.get("/read") { request in "\(request.session["n"].int ?? 0) \(request.session.contains("m"))" }
            } _: { served in
                let browser = Browser(port: served.port)
                let rows: [(path: String, text: String, calls: [StoreCall])] = [
                    ("/once", "1 false", [.insert]), ("/once", "2 false", [.fetch, .commit]),
                    ("/twice", "3 false", [.fetch, .commit]), ("/never", "3 true", [.fetch, .commit]),
                    ("/later", "5 false", [.fetch, .commit, .commit]),
                ]
                for (index, row) in rows.enumerated() {
                    let calls = try await served.calls {
                        let response = try await browser.post(row.path)
                        #expect(response.text == row.text, "\(row.path)")
                        #expect(response.setCookies.count == (index == 0 ? 1 : 0), "\(row.path)")
                    }
                    #expect(calls == row.calls, "\(row.path)")
                }
                #expect(try await browser.get("/read").text == "5 true")
                try await withBrowser(served.port) { other in
                    let calls = try await served.calls {
                        let response = try await other.post("/later")
                        #expect(response.text == "1 false")
                        #expect(response.setCookies.count == 1)
                    }
                    #expect(calls == [.insert, .commit])
                }
                await browser.client.closeIdle()
            }
        }
    }
}
