import Hummingbird
import HummingbirdTesting
import SessHummingbird
import SessTesting
import Testing

@testable import Shop

@Suite("Shop")
struct ShopTests {
    let manager = SessionManager()

    private func withShop(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        try await Application(router: makeRouter(manager)).test(.router) { try await body($0) }
    }

    @Test("A visitor's cart is there after the sign-in, under a new token")
    func signIn() async throws {
        let visitor = try await manager.mint { $0[CartKey.self].counts["tea"] = 2 }
        try await withShop { client in
            let browser = TestBrowser(cookie: visitor.cookie)
            let form = ByteBuffer(string: "name=alice&password=tea&remember=true")
            let headers: HTTPFields = [.cookie: visitor.cookie]
            let login = try await client.execute(uri: "/login", method: .post, headers: headers, body: form)
            #expect(login.status == .seeOther)
            browser.receive(login.headers)
            let cookie = try #require(browser.cookie)
            #expect(cookie != visitor.cookie)
            let page = try await client.execute(uri: "/", method: .get, headers: [.cookie: cookie])
            #expect(String(buffer: page.body).contains("Welcome, alice."))
            #expect(String(buffer: page.body).contains("tea: 2"))
            let old = try await client.execute(uri: "/", method: .get, headers: headers)
            #expect(!String(buffer: old.body).contains("alice"))
        }
    }

    @Test("Twenty clicks at once are twenty cups of tea")
    func clicks() async throws {
        let alice = try await manager.mint(userID: "alice")
        try await withShop { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let form = ByteBuffer(string: "item=tea")
                        let headers: HTTPFields = [.cookie: alice.cookie]
                        _ = try await client.execute(uri: "/cart", method: .post, headers: headers, body: form)
                    }
                }
                try await group.waitForAll()
            }
            let page = try await client.execute(uri: "/", method: .get, headers: [.cookie: alice.cookie])
            #expect(String(buffer: page.body).contains("tea: 20"))
        }
    }

    @Test("A device is ended from another one")
    func devices() async throws {
        let phone = try await manager.mint(userID: "alice")
        let laptop = try await manager.mint(userID: "alice")
        try await withShop { client in
            _ = try await client.execute(
                uri: "/devices/\(phone.id)/end", method: .post, headers: [.cookie: laptop.cookie])
            let ended = try await client.execute(uri: "/devices", method: .get, headers: [.cookie: phone.cookie])
            #expect(ended.status == .unauthorized)
            let other = try await client.execute(uri: "/devices", method: .get, headers: [.cookie: laptop.cookie])
            #expect(other.status == .ok)
        }
    }
}
