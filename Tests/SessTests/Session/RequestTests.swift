import HTTPTypes
import Modeler
import Testing

@testable import Sess

/// What a request brings, and what its response says.
@Suite("Requests and responses")
struct RequestTests {
    @Test(
        "E1 Clients have sessions of their own; two systems on one request have cookies of their own",
        arguments: SessionStoreKind.allCases)
    func independent(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let visitors = try StoreApp(store)
            let admins = try StoreApp(store) { $0.cookie = try SessionCookie(name: "admin") }
            var cookies: [String] = []
            for number in 0..<3 {
                var fields = HTTPFields()
                for app in [visitors, admins] {
                    let session = try await app.manager.begin(app.request())
                    session["n"] = JSONValue(integerLiteral: number + (app.manager === admins.manager ? 10 : 0))
                    try await app.manager.finish(session, headerFields: &fields)
                }
                let pairs = fields[values: .setCookie].map { String($0.prefix { $0 != ";" }) }
                #expect(pairs.count == 2)
                #expect(fields[values: .vary] == ["Cookie"])
                cookies.append(pairs.joined(separator: "; "))
            }
            for (number, cookie) in cookies.enumerated() {
                for (app, expected) in [(visitors, number), (admins, number + 10)] {
                    let session = try await app.manager.begin(app.request(cookie: cookie))
                    #expect(session["n"].int == expected)
                }
            }
            // A cookie of the one system is none of the other's.
            let renamed = cookies[0].split(separator: "; ")[0].replacing("sess=", with: "other=")
            #expect(try await admins.manager.begin(admins.request(cookie: String(renamed))).isNew)
        }
    }

    @Test("E5 Outside of the cookie's path there is no session work", arguments: SessionStoreKind.allCases)
    func path(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let log = Slot()
            let interposed = InterposedCollection(store)
            log.set(interposed)
            let app = try StoreApp(interposed) { $0.cookie = try SessionCookie(path: "/app") }
            let inside = try await app.manager.begin(app.request(path: "/app/x"))
            inside["a"] = 1
            var fields = HTTPFields()
            try await app.manager.finish(inside, headerFields: &fields)
            let cookie = try String(#require(fields[.setCookie]).prefix { $0 != ";" })
            _ = log.take()
            for (path, isInside) in [
                ("/app", true), ("/app/", true), ("/app?x=/", true), ("/app/x/y", true), ("/", false),
                ("/apple", false),
                ("/App", false), ("/x/app", false), ("", false), ("/?/app", false), ("/ap", false),
            ] {
                let session = try await app.manager.begin(app.request(cookie: cookie, path: path))
                #expect(session.isDetached == !isInside, "\(path)")
                #expect(log.take() == (isInside ? [.fetch] : []), "\(path)")
                session["b"] = .string(path)
                var fields = HTTPFields()
                try await app.manager.finish(session, headerFields: &fields)
                #expect(log.take() == (isInside ? [.commit] : []), "\(path)")
                #expect(fields[values: .setCookie].isEmpty, "\(path)")
            }
        }
    }

    @Test(
        "E2 L3 Tokens that were never issued are not adopted; a write begins a session of its own",
        arguments: SessionStoreKind.allCases)
    func neverIssued(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try StoreApp(store)
            for _ in 0..<500 {
                let planted = SessionToken()
                let client = TestClient(cookie: "sess=\(planted.text)")
                let id = try await app.visit(client) { session in
                    session["a"] = 1
                    return session.id
                }
                #expect(id != planted.id)
                #expect(client.cookie != "sess=\(planted.text)")
                #expect(try await store.fetch(planted.id) == nil)
            }
        }
    }

    @Test(
        "L5 Of many cookies of the name a valid one is found, by two look-ups at most; L8 the response says Vary",
        arguments: SessionStoreKind.allCases)
    func duplicates(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let log = Slot()
            let interposed = InterposedCollection(store)
            log.set(interposed)
            let app = try StoreApp(interposed)
            let client = TestClient()
            try await app.visit(client) { $0["a"] = 1 }
            #expect(client.last[.cacheControl] == "no-store")
            #expect(client.last[.vary] == "Cookie")
            let good = try #require(client.cookie)
            func bad() -> String { "sess=\(SessionToken().text)" }
            for (cookies, isFound, lookups) in [
                ([good, bad()], true, 1), ([bad(), good], true, 2), ([bad(), bad(), good], true, 2),
                ([good, good], true, 1),
            ] {
                _ = log.take()
                let session = try await app.manager.begin(app.request(cookie: cookies.joined(separator: "; ")))
                #expect(session.isNew == !isFound)
                #expect(log.take().count == lookups)
            }
        }
    }

    @Test(
        "L9 L11 A thousand requests that leave the session alone, or opt out: no cookie, no key, no call",
        arguments: SessionStoreKind.allCases)
    func alone(_ kind: SessionStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let log = Slot()
            let interposed = InterposedCollection(store.sessions)
            log.set(interposed)
            let app = try StoreApp(interposed)
            for index in 0..<1000 {
                let session = index.isMultiple(of: 2) ? try await app.begin(TestClient()) : app.manager.optOut()
                if !index.isMultiple(of: 2) { session["a"] = 1 }
                var fields = HTTPFields()
                try await app.manager.finish(session, headerFields: &fields)
                #expect(fields[values: .setCookie].isEmpty)
            }
            #expect(log.take() == [])
            if let server = store.server { #expect(try await server.keys().isEmpty) }
        }
    }
}
