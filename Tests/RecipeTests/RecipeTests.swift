import Modeler
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

@Suite("Recipes")
struct RecipeTests {
    private func withRecipes(
        mail: Mail = Mail(), _ body: @Sendable (SessionManager, Bank, Int) async throws -> Void
    ) async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let bank = Bank()
        let users = Users()
        try await withApp(
            manager,
            routes: { router in
                addAccount(to: router, manager: manager, users: users)
                addPages(to: router, manager: manager, bank: bank, mail: mail)
            },
            { port in try await body(manager, bank, port) }
        )
    }

    private func signedIn(_ port: Int, password: String = "tea") async throws -> Browser {
        let browser = Browser(port: port)
        let response = try await browser.post("/login", #"{"name":"alice","password":"\#(password)"}"#)
        #expect(response.status == 302)
        return browser
    }

    @Test("Recipes: login, logout and the token in between")
    func login() async throws {
        try await withRecipes { manager, _, port in
            let visitor = Browser(port: port)
            #expect(try await visitor.post("/login", #"{"name":"alice","password":"no"}"#).status == 401)
            #expect(try await visitor.post("/login", #"{"name":"","password":"no"}"#).status == 400)
            #expect(try await visitor.get("/account/devices").status == 401)
            #expect(visitor.token == nil)
            let planted = try await manager.mint()
            let alice = try await signedIn(port)
            #expect(alice.token != planted.token)
            #expect(try await alice.get("/").text == "Welcome back, alice.")
            #expect(try await alice.get("/").text == "")
            let stolen = alice.copy()
            #expect(try await alice.post("/logout").status == 302)
            #expect(try await alice.get("/").text == "You are signed out.")
            for browser in [alice, stolen] { #expect(try await browser.get("/account/devices").status == 401) }
            let remembered = Browser(port: port)
            let response = try await remembered.post("/login", #"{"name":"alice","password":"tea","remember":true}"#)
            #expect(response.setCookies.first?.contains("Max-Age=2592000") == true)
        }
    }

    @Test("Recipes: step-up asks for the password again, and holds for a while")
    func stepUp() async throws {
        try await withRecipes { _, _, port in
            let alice = try await signedIn(port)
            let elsewhere = try await signedIn(port)
            #expect(try await alice.post("/account/password", #"{"password":"coffee"}"#).status == 403)
            #expect(try await alice.post("/account/confirm", #"{"password":"no"}"#).status == 401)
            let before = alice.token
            #expect(try await alice.post("/account/confirm", #"{"password":"tea"}"#).status == 204)
            #expect(alice.token != before)
            #expect(try await alice.post("/account/password", #"{"password":"coffee"}"#).status == 204)
            #expect(try await elsewhere.get("/account/devices").status == 401)
            #expect(try await alice.get("/account/devices").status == 200)
            _ = try await signedIn(port, password: "coffee")
        }
    }

    @Test("Recipes: the devices page lists and ends sessions")
    func devices() async throws {
        try await withRecipes { _, _, port in
            let alice = try await signedIn(port)
            let phone = try await signedIn(port)
            let page = try await alice.get("/account/devices")
            #expect(page["Cache-Control"].contains("no-store"))
            let rows = try #require(page.json.array)
            #expect(rows.count == 2)
            let other = try #require(rows.first { $0["isThisOne"] == false }?["id"].string)
            #expect(try await alice.send(.delete("/account/devices/\(other)")).status == 204)
            #expect(try await alice.send(.delete("/account/devices/\(other)")).status == 404)
            #expect(try await phone.get("/account/devices").status == 401)
            #expect(try await alice.send(.delete("/account/devices/no%20id")).status == 404)
        }
    }

    @Test("Recipes: what runs one at a time pays once")
    func exclusive() async throws {
        try await withRecipes { _, bank, port in
            let browser = Browser(port: port)
            // A session that is stored: eight requests without one would begin eight.
            #expect(try await browser.post("/code").status == 204)
            let answers = try await concurrently(8, width: 8) { _ in try await browser.copy().post("/pay").text }
            #expect(answers.count { $0 == "paid" } == 1)
            #expect(answers.count { $0 == "paid before" } == 7)
            #expect(bank.charges.count == 1)
        }
    }

    @Test("Recipes: a code holds once, for whoever comes first, and a wrong guess uses it up")
    func oneTimeCode() async throws {
        let mail = Mail()
        try await withRecipes(mail: mail) { _, _, port in
            let browser = Browser(port: port)
            #expect(try await browser.post("/code").status == 204)
            let code = try #require(mail.last)
            let answers = try await concurrently(8, width: 8) { _ in
                try await browser.copy().post("/code/check", #"{"code":"\#(code)"}"#).status
            }
            #expect(answers.count { $0 == 200 } == 1)
            #expect(answers.count { $0 == 403 } == 7)
            #expect(try await browser.post("/code").status == 204)
            let next = try #require(mail.last)
            #expect(try await browser.post("/code/check", #"{"code":"no"}"#).status == 403)
            #expect(try await browser.post("/code/check", #"{"code":"\#(next)"}"#).status == 403)
        }
    }

    @Test("Recipes: a web socket ends with its session", .timeLimit(.minutes(1)))
    func webSocket() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let alice = try await manager.mint(userID: "alice")
        let socket = EndlessSocket()
        let serving = Task { await serve(socket, session: alice.id, manager: manager) }
        while !socket.isRunning { await Task.yield() }
        try await manager.revokeAll(of: "alice")
        await serving.value
        #expect(socket.wasClosed)
    }
}

/// A socket that nobody but the server closes.
private final class EndlessSocket: Socket {
    private let state = Mutex<(isRunning: Bool, wasClosed: Bool)>((false, false))

    var isRunning: Bool { state.withLock { $0.isRunning } }
    var wasClosed: Bool { state.withLock { $0.wasClosed } }

    func run() async {
        state.withLock { $0.isRunning = true }
        // Cancelled, it ends.
        try? await Task.sleep(for: .seconds(600))
    }

    func close() async { state.withLock { $0.wasClosed = true } }
}
