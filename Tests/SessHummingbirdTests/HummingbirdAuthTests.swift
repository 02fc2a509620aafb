import Hummingbird
import HummingbirdAuthNames
import Modeler
import NIOCore
import SessHummingbird
import SessTestSupport
import Testing

/// A context of an app that moves from hummingbird-auth step by step.
private struct BothContext: SessUserRequestContext, SessionRequestContext, AuthRequestContext {
    struct Account: Sendable {
        var name: String
    }
    struct OldSession: Sendable, Codable {
        var name: String
    }

    var coreContext: CoreRequestContextStorage
    let requestSessions = RequestSessions()
    let channel: any Channel
    let sessions = SessionContext<OldSession>()
    var identity: Account?
    var user: Account?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

/// An app may import hummingbird-auth and SessHummingbird in one file, and have one context for both.
@Suite struct HummingbirdAuthTests {
    @Test("One context conforms to both libraries' protocols, and both middlewares run on it")
    func both() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let router = Router(context: BothContext.self)
        router.add(middleware: SessionMiddleware())
        router.add(middleware: SessionAuthenticator { session in BothContext.Account(name: session.name) })
        router.add(middleware: SessMiddleware(manager))
        router.add(middleware: SessUserMiddleware { id in BothContext.Account(name: id) })
        router.get("enter") { _, context in
            context.sessions.setSession(.init(name: "old"))
            try await context.session.signIn(userID: "alice")
            return "ok"
        }
        router.get("who") { _, context in
            "\(try context.requireUser().name) \(context.identity?.name ?? "nobody") \(context.sessions.session == nil)"
        }
        try await withRouter(router) { port in
            let browser = Browser(port: port)
            try await browser.get("/enter")
            #expect(try await browser.get("/who").text == "alice nobody true")
            await browser.client.closeIdle()
        }
        let (old, new): (BasicSessionRequestContext<String, String>.Type, BasicSessRequestContext.Type) = (
            BasicSessionRequestContext.self, BasicSessRequestContext.self
        )
        #expect(ObjectIdentifier(old) != ObjectIdentifier(new))
    }
}
