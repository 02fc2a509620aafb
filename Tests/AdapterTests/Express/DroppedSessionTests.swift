import Modeler
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// Sessions that handlers let go of or end.
@Suite("Dropped and destroyed sessions")
struct DroppedSessionTests {
    @Test(
        "E10 A dropped session ends or stays as it was, by option; nothing of the request is saved",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func dropped(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            for policy in [DroppedSessionPolicy.destroy, .keep] {
                try await serve(store, adapter) {
                    $0.whenDropped = policy
                } routes: { app in
                    Self.addRoutes(app)
                } _: { served in
                    let browser = Browser(port: served.port)
                    let id = try ModelID(try await browser.post("/write").text)
                    let copy = browser.copy()
                    let dropped = try await browser.post("/drop")
                    #expect(dropped.status == 200)
                    #expect(dropped.text == "0 detached")
                    let ends = policy == .destroy
                    #expect(dropped.setCookies.count == (ends ? 1 : 0))
                    #expect(dropped.setCookies.allSatisfy { $0.contains("Max-Age=0;") })
                    #expect((browser.token == nil) == ends)
                    #expect(try await (served.store.sessions.fetch(id) == nil) == ends)
                    #expect(try await copy.post("/read").text == (ends ? "" : "a=1"))
                    // A session that isn't stored has nothing to end.
                    let calls = try await served.calls {
                        let response = try await TestHTTPClient().send(.post("/drop"), to: served.port)
                        #expect(response.setCookies.isEmpty)
                    }
                    #expect(calls.isEmpty)
                    for browser in [browser, copy] { await browser.client.closeIdle() }
                }
            }
        }
    }

    @Test(
        "E10 A store's error while a session is destroyed is reported, and takes no cookie away",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func errors(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let events = EventLog()
        let caught = Mutex<[SessionError.Code]>([])
        try await withSessions(kind, adapter, options: { $0.onEvent = events.append }) { app in
            Self.addRoutes(app)
            for (path, isThrown) in [("/destroy", true), ("/caught", false)] {
                app.post(path) { request in
                    do throws(SessionError) {
                        try await request.session.destroy()
                    } catch {
                        caught.withLock { $0.append(error.code) }
                        if isThrown { throw error }
                    }
                    return "still \(request.session["a"].int ?? 0)"
                }
            }
        } _: { served in
            let browser = Browser(port: served.port)
            let id = try ModelID(try await browser.post("/write").text)
            try await served.failing([.remove]) {
                for (path, status) in [("/drop", 503), ("/destroy", 503), ("/caught", 200)] {
                    let response = try await browser.post(path)
                    #expect(response.status == status, "\(path)")
                    #expect(response.setCookies.isEmpty, "\(path)")
                    if path == "/caught" { #expect(response.text == "still 1") }
                    let isReported = events.take().contains { if case .storeUnavailable = $0 { true } else { false } }
                    #expect(isReported, "\(path)")
                }
            }
            #expect(caught.withLock { $0 } == [.storeUnavailable, .storeUnavailable])
            #expect(try await browser.post("/read").text == "a=1", "what could not be ended lives on")
            let ended = try await browser.post("/destroy")
            #expect(ended.status == 200)
            #expect(browser.token == nil)
            #expect(try await served.store.sessions.fetch(id) == nil)
            await browser.client.closeIdle()
        }
    }

    private static func addRoutes(_ app: AppRoutes) {
        app.post("/write") { request in
            request.session["a"] = 1
            return "\(request.session.id)"
        }
        app.post("/read") { request in
            request.session.data.map { "\($0.name)=\($0.value.int ?? 0)" }.sorted().joined(separator: " ")
        }
        app.post("/drop") { request in
            request.session["a"] = 2
            request.session.drop()
            request.session["b"] = 3
            request.session.unset("b")
            return "\(request.session.names.count) \(request.session.isDetached ? "detached" : "")"
        }
    }
}
