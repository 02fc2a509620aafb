import Logging
import Metrics
import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// What logs, errors, descriptions and metrics say of tokens: nothing.
@Suite struct SilenceTests {
    struct HandlerError: Error { let session: Session }

    @Test(
        "L6 No token, secret or cookie is in any log, error, description or metric label, also where the store fails",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func nothingSaid(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let (recorder, labels) = (LogRecorder(), RecordedLabels())
        let logger = Logger(label: "recorded", factory: { _ in recorder.handler() })
        let isDown = Flag()
        try await withMetricsFactory(labels) {
            try await withStore(kind, logger: logger) { store in
                let owners = try #require(store.sessions as? any OwnershipCollection)
                let failing = InterposedCollection(owners) { _ throws(ModelError) in
                    if isDown.isRaised { throw ModelError(.unavailable, "the store is down for the test") }
                }
                var options = SessionOptions()
                options.logger = logger
                options.onEvent = { recorder.note("\($0)") }
                options.tokens.rotationGrace = .zero
                options.conflictPolicies = ["n": .fail]
                options.tokens.signingKeys = nil
                let manager = try SessionManager(sessions: failing, options: options)
                try await withApp(on: adapter, manager, logger: logger) { app in
                    Self.addRoutes(to: app, manager, recorder, logger)
                } _: { port in
                    let browser = Browser(port: port)
                    let id = try await browser.get("/write").text
                    try await browser.get("/rotate")
                    let old = browser.copy()
                    for path in ["/broken", "/boom", "/write", "/sign-in", "/describe", "/large", "/raced"] {
                        try await browser.get(path)
                    }
                    // A token that was replaced, and ones that never were any.
                    var secrets = browser.client.issuedSecrets
                    #expect(secrets.count == 3)
                    try await old.get("/describe")
                    var neighbour = PlantedToken.random()
                    neighbour.id = id
                    for token in [PlantedToken.random(), neighbour] {
                        secrets.insert(token.secret)
                        for text in [token.text, token.text + "x", "v2." + token.text] {
                            let request = TestRequest.get("/describe", headers: [("Cookie", "sess=\(text)")])
                            _ = try await browser.client.send(request, to: port)
                        }
                    }
                    isDown.raise()
                    for path in ["/write", "/rotate"] { #expect(try await browser.get(path).status == 503) }
                    let lines = recorder.lines
                    // They were heard: the session by its id, the error of the store, and the reuse of the old token.
                    for text in [
                        id, "the store is down for the test", "tokenReused", "invalidField", "tooLarge", "conflict",
                    ] {
                        #expect(lines.contains { $0.contains(text) }, "\(text)")
                    }
                    #expect(labels.texts.contains("sess_sessions_created"))
                    for secret in secrets {
                        #expect(!lines.contains { $0.contains(secret) })
                        #expect(!labels.texts.contains { $0.contains(secret) })
                    }
                    #expect(!labels.texts.contains { $0.contains(id) }, "nor a label that grows with the sessions")
                    await browser.client.closeIdle()
                }
            }
        }
    }

    private static func addRoutes(
        to app: AppRoutes, _ manager: SessionManager, _ recorder: LogRecorder, _ logger: Logger
    ) {
        /// Whatever a program may write down of a value.
        @Sendable func describe(_ value: Any) {
            var text = ""
            dump(value, to: &text)
            recorder.note("\(value) \(String(reflecting: value)) \(text)")
        }
        /// Runs what fails, and writes its error down as an app does.
        @Sendable func failing(_ body: () async throws -> Void) async throws -> String {
            do {
                try await body()
                return "ok"
            } catch {
                describe(error)
                logger.error("it failed", metadata: ["error": "\(error)"])
                throw error
            }
        }
        app.get("/write") { request in
            request.session["n", default: 0] += 1
            return "\(request.session.id)"
        }
        app.get("/rotate") { request in try await failing { try await request.session.rotate() } }
        app.get("/sign-in") { request in try await failing { try await request.session.signIn(userID: "alice") } }
        app.get("/describe") { request in
            describe(request.session)
            describe(request.requestSessions)
            describe(manager)
            describe(try await manager.sessions(of: "alice"))
            return "ok"
        }
        app.get("/broken") { request in
            try await failing {
                request.session["nan", as: Double.self] = .nan
                try await request.session.save()
            }
        }
        app.get("/large") { request in
            try await failing {
                request.session["large"] = .string(String(repeating: "x", count: 100_000))
                try await request.session.save()
            }
        }
        app.get("/raced") { request in
            try await failing {
                request.session["n"] = 7
                let other = try await manager.unauthorizedSession(id: request.session.id)
                other?["n"] = 8
                try await other?.save()
                try await request.session.save()
            }
        }
        app.get("/boom") { request -> String in throw HandlerError(session: request.session) }
    }
}
