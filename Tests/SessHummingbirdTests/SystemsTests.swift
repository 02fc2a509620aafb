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
        (SessionManager(sessions: store), try SessionManager(sessions: store, key: "admin"))
    }

    @Test(
        "E1 Two systems on one request, with cookies of their own: neither sees the other's sessions",
        arguments: StoreKind.allCases)
    func two(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let (visitors, admins) = try Self.managers(store.sessions)
            try await withApp(
                visitors,
                before: { router in
                    router.add(middleware: SessionMiddleware(admins, system: AdminSessions.self))
                },
                routes: { router in
                    router.get("read") { _, context in
                        "\(context.session["n"].int ?? 0) \(context.session(of: AdminSessions.self)["n"].int ?? 0)"
                    }
                    router.post("visitor") { _, context in
                        context.session["n", default: 0] += 1
                        return "\(context.session.id)"
                    }
                    router.post("admin") { _, context in
                        context.session(of: AdminSessions.self)["n", default: 0] += 10
                        return "\(context.session(of: AdminSessions.self).id)"
                    }
                    router.post("both") { _, context in
                        context.session["n", default: 0] += 1
                        context.session(of: AdminSessions.self)["n", default: 0] += 10
                        return "ok"
                    }
                    router.post("logout") { _, context in
                        try await context.session(of: AdminSessions.self).destroy()
                        return "ok"
                    }
                    router.get("load/:id") { _, context in
                        let id = try ModelID(context.parameters.require("id"))
                        let own = try await context.sessions.load(id) === context.session
                        let admin =
                            try await context.sessions.load(id, of: AdminSessions.self)
                            === context.session(of: AdminSessions.self)
                        return "\(own) \(admin)"
                    }
                }
            ) { port in
                let browser = Browser(port: port)
                #expect(try await browser.get("/read").setCookies.isEmpty)
                let visitor = try await browser.post("/visitor")
                #expect(visitor.setCookies.count == 1 && visitor.setCookies[0].hasPrefix("sess="))
                let admin = try await browser.post("/admin")
                #expect(admin.setCookies.count == 1 && admin.setCookies[0].hasPrefix("admin="))
                #expect(try await browser.get("/read").text == "1 10")
                #expect(try await browser.get("/load/\(visitor.text)").text == "true false")
                #expect(try await browser.get("/load/\(admin.text)").text == "false true")
                let other = Browser(port: port)
                let both = try await other.post("/both")
                #expect(both.setCookies.count == 2)
                #expect(both["Vary"].joined(separator: ", ") == "Cookie")
                #expect(try await other.get("/read").text == "1 10")
                try await browser.post("/logout")
                #expect(browser.cookies["admin"] == nil)
                #expect(try await browser.get("/read").text == "1 0")
                #expect(try await other.get("/read").text == "1 10", "independent clients")
                for browser in [browser, other] { await browser.client.closeIdle() }
            }
        }
    }

    @Test("A request that fails saves neither of its sessions, whichever middleware is the outer one")
    func failures() async throws {
        for mainIsOuter in [false, true] {
            let store = MemoryCollection(name: "sessions")
            let (visitors, admins) = try Self.managers(store)
            let router = Router(context: BasicSessionRequestContext.self)
            let middlewares = [
                SessionMiddleware<BasicSessionRequestContext>(visitors),
                SessionMiddleware<BasicSessionRequestContext>(admins, system: AdminSessions.self),
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
        let router = Router(context: BasicSessionRequestContext.self)
        router.add(middleware: SessionMiddleware(visitors))
        router.add(middleware: SessionMiddleware(admins, system: AdminSessions.self, skip: { $0.uri.path == "/skip" }))
        router.get("skip") { _, context in
            context.session["a"] = 1
            context.session(of: AdminSessions.self)["a"] = 1
            return "\(context.session(of: AdminSessions.self).isDetached)"
        }
        router.group("same").add(middleware: SessionMiddleware(same, system: CartSessions.self)).get { _, _ in "ok" }
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
