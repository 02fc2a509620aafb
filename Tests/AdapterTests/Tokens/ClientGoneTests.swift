import Logging
import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Clients that go away while their sessions are saved.
@Suite struct ClientGoneTests {
    /// A save in a task that is cancelled, as adapters cancel a request's whose client is gone.
    private enum Save: String, CaseIterable { case atTheEnd, explicit, signIn, touch }

    @Test(
        "T15 A save in a request that was cancelled is no outage: no event, no error log",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func cancelled(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let recorder = LogRecorder()
        try await TokenSite.with(
            kind, adapter,
            options: { $0.logger = Logger(label: "sess") { _ in recorder.handler() } },
            routes: { app, site in
                app.post("/cancelled/:save") { request in
                    let session = request.session
                    session["a", default: 0] += 1
                    withUnsafeCurrentTask { $0?.cancel() }
                    switch Save(rawValue: request.parameter("save") ?? "") {
                    case .explicit: try await session.save()
                    case .signIn: try await session.signIn(userID: "alice")
                    case .touch: try await session.touch()
                    default: break
                    }
                    return "ok"
                }
            }
        ) { site async throws in
            for save in Save.allCases {
                for isStored in [true, false] {
                    let browser = site.browser()
                    if isStored { try await browser.post("/begin") }
                    // Whether anybody is there to be answered is the server's own business.
                    let response = try? await browser.post("/cancelled/\(save)")
                    // An adapter may serve a whole connection in the task that was cancelled.
                    await site.client.closeIdle()
                    #expect(response?.status != 503, "\(save), \(isStored)")
                    // A sign-in that may have been stored and can't be confirmed ends its session.
                    if isStored, save != .signIn {
                        #expect(try await browser.get("/names").text.contains("begun"), "\(save)")
                    }
                }
            }
            let outages = site.events.all.filter { if case .storeUnavailable = $0 { true } else { false } }
            #expect(outages.isEmpty)
            #expect(recorder.errors.isEmpty)
        }
    }

    @Test(
        "T15 A client that closes its connection during the save is no outage: no event, no error log",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func closed(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let recorder = LogRecorder()
        try await withStore(kind) { store in
            let (gates, events, isOver) = (Gates(), EventLog(), Flag())
            var options = SessionOptions()
            options.logger = Logger(label: "sess") { _ in recorder.handler() }
            options.onEvent = events.append
            let interposed = InterposedCollection(store.sessions) { call throws(ModelError) in
                guard call == .commit, !isOver.isRaised else { return }
                // Whoever is cancelled here goes on to the store.
                try? await gates.pass("commit")
            }
            let manager = try SessionManager(sessions: interposed, options: options)
            try await withApp(
                on: adapter, manager,
                routes: { app in
                    app.post("/write") { request in
                        request.session["a", default: 0] += 1
                        return "ok"
                    }
                },
                { port async throws in
                    let browser = Browser(port: port)
                    try await browser.post("/write")
                    let cookie = "sess=\(browser.token ?? "")"
                    let connection = try await HTTPConnection.connect(port: port)
                    async let response = try? connection.send(.post("/write", headers: [("Cookie", cookie)]))
                    try await gates.waitForOne(at: "commit")
                    await connection.close()
                    #expect(await response == nil)
                    isOver.raise()
                    gates.open("commit")
                    #expect(try await browser.post("/write").status == 200)
                    let outages = events.all.filter { if case .storeUnavailable = $0 { true } else { false } }
                    #expect(outages.isEmpty)
                    #expect(recorder.errors.isEmpty)
                    await browser.client.closeIdle()
                })
        }
    }
}
