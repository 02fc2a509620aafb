import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// How long a session lives, and its cookie.
@Suite("Limits of a session's own")
struct LifetimeTests {
    private static let century = Duration.seconds(100 * 366 * 86400)

    private static func addRoutes(_ app: AppRoutes) {
        func set(_ path: String, _ change: @escaping @Sendable (Session) throws -> Void) {
            app.post(path) { request in
                request.session["n", default: 0] += 1
                try change(request.session)
                return "\(request.session.id)"
            }
        }
        set("/write") { _ in }
        set("/remember") { try $0.remember(timeouts: Expiry(idle: .seconds(90_000))) }
        set("/forget") { $0.stopRemembering() }
        set("/longer") { try $0.setTimeouts(Expiry(idle: .seconds(7000), absolute: .seconds(50_000))) }
        set("/short") { try $0.setTimeouts(Expiry(idle: .milliseconds(200))) }
        set("/instant") { try $0.expire(at: $0.updated + .seconds(8000)) }
        set("/soon") { session in
            // What remains is counted from the store's time when this request read the session.
            let (end, remaining) = (try #require(session.expires), try #require(session.remaining))
            try session.expire(at: end + (.milliseconds(500) - remaining))
        }
        set("/past") { try $0.expire(at: $0.updated + .seconds(-1)) }
        set("/century") { try $0.remember(timeouts: Expiry(idle: century, absolute: century)) }
        set("/more") { try $0.setTimeouts(Expiry(absolute: century + .milliseconds(1))) }
        set("/most") { try $0.setTimeouts(Expiry(idle: .seconds(Int64.max))) }
        set("/zero") { try $0.setTimeouts(Expiry(idle: .zero)) }
        app.get("/read") { request in
            let session = request.session
            let (remaining, expires) = (session.remaining?.components.seconds, session.expires)
            let end = expires.map { ($0.milliseconds - session.created.milliseconds + 500) / 1000 }
            return "\(session["n"].int ?? 0) \(remaining ?? -1) \(end ?? -1)"
        }
    }

    /// What a client reads of its session: a count, the seconds that remain, and those from its beginning to its end.
    private static func read(_ browser: Browser) async throws -> (count: Int, remaining: Int, end: Int) {
        let numbers = try await browser.get("/read").text.split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 3)
        return (numbers[0], numbers[1], numbers[2])
    }

    @Test(
        "E13 Limits are the session's own, for this browser's session or with a cookie that lasts; what remains is read",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func limits(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter, options: { $0.timeouts.expiry = Expiry(idle: .seconds(600)) }) { app in
            Self.addRoutes(app)
        } _: { served in
            // The limit that holds after each, and whether the response sets a cookie that lasts as long.
            let rows: [(path: String, seconds: Int, maxAge: Int?, sets: Bool)] = [
                ("/write", 600, nil, true), ("/longer", 7000, nil, false), ("/remember", 90_000, 90_000, true),
                ("/write", 90_000, 90_000, true), ("/forget", 600, nil, true), ("/instant", 8000, nil, false),
                ("/write", 8000, nil, false),
            ]
            let (browser, other) = (Browser(port: served.port), Browser(port: served.port))
            try await other.post("/write")
            #expect(try await Self.read(Browser(port: served.port)) == (0, -1, -1), "nothing is stored yet")
            for (index, row) in rows.enumerated() {
                let response = try await browser.post(row.path)
                #expect(response.status == 200)
                #expect(response.setCookies.count == (row.sets ? 1 : 0), "\(index)")
                for cookie in response.setCookies {
                    let maxAge = cookie.firstRange(of: "; Max-Age=").map {
                        cookie[$0.upperBound...].prefix { $0 != ";" }
                    }
                    let seconds = maxAge.flatMap { Int($0) }
                    #expect((seconds == nil) == (row.maxAge == nil), "\(index)")
                    if let seconds, let limit = row.maxAge {
                        #expect((limit - 30...limit).contains(seconds), "\(index)")
                    }
                    #expect(!cookie.contains("Expires="))
                }
                let (count, remaining, end) = try await Self.read(browser)
                #expect(count == index + 1)
                #expect((row.seconds - 30...row.seconds).contains(remaining), "\(index): \(remaining)")
                #expect((row.seconds - 30...row.seconds + 30).contains(end), "\(index): \(end)")
            }
            let theirs = try await Self.read(other)
            #expect((570...600).contains(theirs.remaining), "another session has limits of its own")
            for browser in [browser, other] { await browser.client.closeIdle() }
        }
    }

    @Test(
        "E13 A session ends when its limit says, used or not", arguments: StoreKind.allCases, AdapterKind.allCases)
    func ends(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter, routes: Self.addRoutes) { served in
            let (idle, used) = (Browser(port: served.port), Browser(port: served.port))
            for browser in [idle, used] { try await browser.post("/write") }
            let id = try ModelID(try await idle.post("/short").text)
            #expect(try await used.post("/soon").status == 200)
            // Requests that come all the time don't move an instant.
            try await eventually { try await Self.read(used).count == 0 }
            try await Task.sleep(for: .milliseconds(220))
            #expect(try await Self.read(idle).count == 0)
            #expect(try await served.store.sessions.fetch(id) == nil)
            let next = try await idle.post("/write")
            #expect(next.text != id.rawValue)
            #expect(next.setCookies.count == 1)
            for browser in [idle, used] { await browser.client.closeIdle() }
        }
    }

    @Test(
        "E13 A century is a limit; more, less than nothing and the past are refused and change nothing",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func veryLarge(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter, routes: Self.addRoutes) { served in
            let browser = Browser(port: served.port)
            try await browser.post("/write")
            let set = try await browser.post("/century")
            let seconds = Int(Self.century.components.seconds)
            #expect(set.setCookies.first?.contains("; Max-Age=34560000;") == true)
            let first = try await Self.read(browser)
            #expect(first.count == 2)
            #expect((seconds - 60...seconds).contains(first.remaining))
            for path in ["/more", "/most", "/zero", "/past"] {
                let refused = try await browser.post(path)
                #expect(refused.status == 500, "\(path)")
                #expect(refused.setCookies.isEmpty, "\(path)")
            }
            try await browser.post("/write")
            let last = try await Self.read(browser)
            #expect(last.count == 3)
            #expect((seconds - 60...seconds).contains(last.remaining))
            await browser.client.closeIdle()
        }
    }
}
