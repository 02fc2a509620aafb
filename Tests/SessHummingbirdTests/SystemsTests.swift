import HTTPTypes
import Hummingbird
import Modeler
import Sess
import SessHummingbird
import SessTestSupport
import SessTesting
import Testing

private enum AdminSessions: SessionSystem {}
private enum CartSessions: SessionSystem {}

/// Several session systems on one request.
@Suite struct SystemsTests {
    struct HandlerError: Error {}

    private static func managers(_ store: any ModelCollection) throws -> (SessionManager, SessionManager) {
        (SessionManager(sessions: store), try SessionManager(sessions: store, cookieName: "admin"))
    }

    @Test("A request that fails saves neither of its sessions, whichever middleware is the outer one")
    func failures() async throws {
        for mainIsOuter in [false, true] {
            let store = MemoryCollection(name: "sessions")
            let (visitors, admins) = try Self.managers(store)
            let router = Router(context: BasicSessRequestContext.self)
            let middlewares = [
                SessMiddleware<BasicSessRequestContext>(visitors),
                SessMiddleware<BasicSessRequestContext>(admins, system: AdminSessions.self),
            ]
            for middleware in mainIsOuter ? middlewares : middlewares.reversed() { router.add(middleware: middleware) }
            router.get("fail/:how") { _, context -> String in
                let admin = context.session(of: AdminSessions.self)
                context.session["a"] = 1
                admin["a"] = 1
                switch context.parameters.get("how") {
                case "error": throw HandlerError()
                case "session": throw SessionError(.conflict, "for the test")
                case "ended":
                    try await admin.save()
                    try await context.session.save()
                    try await admin.destroy()
                    throw HandlerError()
                case "commit": admin["bad", default: 0.0] = .nan
                case "main": context.session["bad", default: 0.0] = .nan
                default: break
                }
                return "ok"
            }
            try await withRouter(router) { port in
                for (how, status, cookies) in [
                    ("error", 500, 0), ("session", 409, 0), ("commit", 500, mainIsOuter ? 0 : 1),
                    ("main", 500, mainIsOuter ? 1 : 0), ("ended", 500, 1), ("no", 200, 2),
                ] {
                    let browser = Browser(port: port)
                    let response = try await browser.get("/fail/\(how)")
                    #expect(response.status == status, "\(how) \(mainIsOuter)")
                    let set = response.setCookies.filter { !$0.contains("Max-Age=0") }
                    #expect(set.count == cookies, "\(how) \(mainIsOuter)")
                    await browser.client.closeIdle()
                }
            }
        }
    }

    @Test(
        "Two systems of one cookie are refused with a reason, and a request that is skipped by one still has the other")
    func configuration() async throws {
        let store = MemoryCollection(name: "sessions")
        let (visitors, admins) = try Self.managers(store)
        let same = SessionManager(sessions: store)
        let router = Router(context: BasicSessRequestContext.self)
        router.add(middleware: SessMiddleware(visitors))
        router.add(middleware: SessMiddleware(admins, system: AdminSessions.self, skip: { $0.uri.path == "/skip" }))
        router.get("skip") { _, context in
            context.session["a"] = 1
            context.session(of: AdminSessions.self)["a"] = 1
            return "\(context.session(of: AdminSessions.self).isDetached)"
        }
        router.group("same").add(middleware: SessMiddleware(same, system: CartSessions.self)).get { _, _ in "ok" }
        try await withRouter(router) { port in
            let browser = Browser(port: port)
            let skipped = try await browser.get("/skip")
            #expect(skipped.text == "true")
            #expect(skipped.setCookies.count == 1)
            #expect(try await browser.get("/same").status == 500)
            await browser.client.closeIdle()
        }
    }
}
