import Modeler
import Sess
import SessTestSupport
import Testing

/// What a streamed body can still do with its session.
@Suite struct AfterTheHeadTests {
    private enum Deed: String, CaseIterable {
        case rotate, signIn, save

        func run(_ session: Session) async throws {
            switch self {
            case .rotate: try await session.rotate()
            case .signIn: try await session.signIn(userID: "alice")
            case .save:
                session["streamed"] = true
                try await session.save()
            }
        }
    }

    private static func addRoutes(_ app: AppRoutes, _ site: TokenSite) {
        app.post("/streamed/:deed") { request in
            let (session, deed) = (request.session, Deed(rawValue: request.parameter("deed") ?? ""))
            return AppResponse(
                body: .made {
                    do {
                        try await deed?.run(session)
                        return "done"
                    } catch {
                        return error is SessionError ? "refused" : "failed"
                    }
                })
        }
    }

    @Test(
        "T10 After the head has left a rotation, a sign-in and a first save are refused, and the client loses nothing",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func refused(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(kind, adapter, routes: Self.addRoutes) { site async throws in
            for deed in [Deed.rotate, .signIn] {
                let browser = site.browser()
                let id = try await browser.post("/begin").text
                let response = try await browser.post("/streamed/\(deed)")
                #expect(response.text == " refused" && response.setCookies.isEmpty, "\(deed)")
                for port in site.ports {
                    #expect(try await browser.get("/id", to: port).text == id, "\(deed)")
                    #expect(try await browser.get("/who", to: port).text == "nobody", "\(deed)")
                }
            }
            let ids = try await site.ids()
            for deed in [Deed.signIn, .save] {
                let response = try await site.browser().post("/streamed/\(deed)")
                #expect(response.text == " refused" && response.setCookies.isEmpty, "new: \(deed)")
                #expect(try await site.ids() == ids, "new: \(deed)")
            }
            #expect(try await site.managers[0].sessions(of: "alice").isEmpty)
        }
    }

    @Test(
        "T10 After the head has left a stored session can be saved",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func saved(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(kind, adapter, routes: Self.addRoutes) { site async throws in
            let browser = site.browser()
            try await browser.post("/begin")
            #expect(try await browser.post("/streamed/save").text == " done")
            #expect(try await browser.get("/names", to: site.ports[1]).text == "begun streamed")
        }
    }
}
