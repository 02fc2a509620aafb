import Logging
import Modeler
import Sess
import SessTestSupport
import Testing

/// Apps that have put the sessions in the wrong place.
@Suite struct MiddlewareMistakeTests {
    private enum OtherSessions: SessionSystem {}

    // Each adapter's `session` is this one. Where to log can't be told it: that it logs at `critical` is not tested
    // here.
    @Test("T14 A route without its middleware has a detached session, and fails an assertion where the app is debugged")
    func without() async {
        let sessions = RequestSessions()
        let session = sessions.missingSession(of: MainSessions.self)
        session["a"] = 1
        #expect(session.isDetached && session.isNew)
        await #expect(throws: SessionError.self) { try await session.save() }
        #if DEBUG
        await #expect(processExitsWith: .failure) { _ = RequestSessions().session(of: MainSessions.self) }
        #else
        #expect(RequestSessions().session(of: MainSessions.self).isDetached)
        #endif
    }

    @Test(
        "T14 The middleware twice: one cookie, the right one, and one save",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func twice(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for cookies in CookieCase.allCases {
            try await withStore(kind) { store in
                var options = SessionOptions()
                try cookies.configure(&options)
                let manager = try SessionManager(sessions: store.sessions, options: options)
                try await withApp(
                    on: adapter, manager, systems: [AppSystem(MainSessions.self, manager)],
                    routes: { app in
                        app.post("/add") { request in
                            request.session["n", default: 0] += 1
                            return "\(request.session["n", default: 0])"
                        }
                        app.get("/read") { request in "\(request.session["n", default: 0])" }
                        app.post("/sign-in") { request in
                            try await request.session.signIn(userID: "alice")
                            return "ok"
                        }
                        app.post("/sign-out") { request in
                            try await request.session.signOut()
                            return "ok"
                        }
                        app.get("/who") { request in request.session.userID ?? "nobody" }
                    },
                    { port async throws in
                        let browser = Browser(port: port)
                        #expect(try await browser.post("/add").setCookies.count == 1, "\(cookies)")
                        #expect(try await browser.post("/add").setCookies.count <= 1, "\(cookies)")
                        #expect(try await browser.get("/read").text == "2", "\(cookies)")
                        #expect(try await browser.post("/sign-in").setCookies.count == 1, "\(cookies)")
                        #expect(try await browser.get("/who").text == "alice", "\(cookies)")
                        #expect(try await browser.get("/read").text == "2", "\(cookies)")
                        #expect(try await browser.post("/sign-out").setCookies.count == 1, "\(cookies)")
                        #expect(browser.token == nil, "\(cookies)")
                        #expect(try await browser.get("/who").text == "nobody", "\(cookies)")
                        await browser.client.closeIdle()
                    })
            }
        }
    }

    @Test(
        "T14 Two systems with one cookie name: a clear error, no cookie, and the process lives",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func oneName(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let recorder = LogRecorder()
            var options = SessionOptions()
            options.logger = Logger(label: "sess") { _ in recorder.handler() }
            let manager = try SessionManager(sessions: store.sessions, options: options)
            let other = try SessionManager(sessions: store.sessions, options: options)
            try await withApp(
                on: adapter, manager, systems: [AppSystem(OtherSessions.self, other)],
                logger: Logger(label: "app") { _ in recorder.handler() },
                skip: { $0 == "/health" },
                routes: { app in
                    app.post("/add") { request in
                        request.session["n", default: 0] += 1
                        request.session(of: OtherSessions.self)["n", default: 0] += 1
                        return "ok"
                    }
                },
                { port async throws in
                    let browser = Browser(port: port)
                    for _ in 0..<3 {
                        let response = try await browser.post("/add")
                        #expect(response.status == 500)
                        #expect(response.setCookies.isEmpty)
                    }
                    #expect(recorder.lines.contains { $0.contains("two session systems") && $0.contains("cookie") })
                    await browser.client.closeIdle()
                })
        }
    }
}
