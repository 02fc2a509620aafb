import HTTPTypes
import Hummingbird
import Modeler
import NIOCore
import Sess
import SessHummingbird

struct TransferForm: Decodable {
    var amount: Int
    var csrf: String
}

func addProtection(to router: Router<AppContext>, manager: SessionManager) throws {
    // snippet: csrf
    let protection = try CrossSiteProtection(
        trustedOrigins: ["https://login.example.com"],
        exemptPaths: ["/saml/acs"]
    )
    router.add(middleware: CrossSiteProtectionMiddleware(protection))
    router.add(middleware: SessMiddleware(manager))
    // end
}

func addTransfer(to router: Router<AppContext>) {
    // snippet: csrf-token
    router.get("transfer") { _, context in
        let token = try await context.session.csrfToken()
        let page = """
            <form method="post">
              <input type="hidden" name="csrf" value="\(token)">
              <input name="amount"><button>Send</button>
            </form>
            """
        return Response(
            status: .ok, headers: [.contentType: "text/html", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }
    router.post("transfer") { request, context in
        let form = try await request.decode(as: TransferForm.self, context: context)
        guard context.session.isValidCSRFToken(form.csrf) else { throw HTTPError(.forbidden) }
        return "sent \(form.amount)"
    }
    // end
}

struct Account: Sendable {
    var name: String
}

func userRouter(
    manager: SessionManager, accounts: [String: Account]
) -> Router<BasicSessUserRequestContext<Account>> {
    // snippet: user
    let router = Router(context: BasicSessUserRequestContext<Account>.self)
    router.add(middleware: SessMiddleware(manager))
    router.add(middleware: SessUserMiddleware { id in accounts[id] })
    router.get("me") { _, context in
        try context.requireUser().name
    }
    router.delete("me") { _, context in
        try context.session.requireRecentSignIn(within: .seconds(600))
        return "deleted \(try context.requireUser().name)"
    }
    // end
    return router
}
