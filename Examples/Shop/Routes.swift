import Hummingbird
import SessHummingbird

func makeRouter(_ manager: SessionManager) -> Router<AppContext> {
    let router = Router(context: AppContext.self)
    router.add(middleware: CrossSiteProtectionMiddleware())
    router.add(middleware: SessMiddleware(manager))
    addAccount(to: router, manager)
    addCart(to: router)
    addDevices(to: router, manager)
    router.get("/") { _, context in
        let session = context.session
        let messages = session.takeFlash().map { "<p>\(escaped($0))</p>" }.joined()
        guard let user = session.userID else { return Page(body: messages + loginForm + cartPage(session)) }
        return Page(
            body: """
                \(messages)<p>\(escaped(user)) <a href="/devices">Devices</a></p>
                <form method="post" action="/logout"><button>Sign out</button></form>
                \(cartPage(session))
                """)
    }
    return router
}
