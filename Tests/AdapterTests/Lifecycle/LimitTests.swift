import Modeler
import ModelerTesting
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// How long sessions live, whatever their clients do.
@Suite struct LimitTests {
    private static let uses = ["read", "touch", "save", "rotate", "increment", "update", "limits"]

    private static func addUses(to app: AppRoutes) {
        app.post("/begin") { request in
            request.session["a"] = 1
            return "\(request.session.id)"
        }
        for use in uses {
            app.post("/\(use)") { request in
                let session = request.session
                switch use {
                case "touch": try await session.touch()
                case "save": session["a", default: 0] += 1
                case "rotate": try await session.rotate(grace: .seconds(100))
                case "increment": try await session.increment("n")
                case "update": try await session.update { $0["n", default: 0] += 1 }
                case "limits":
                    try session.setTimeouts(Expiry(idle: .milliseconds(2000), absolute: .milliseconds(10_000)))
                default: _ = session["a"]
                }
                return "\(session.id)"
            }
        }
    }

    @Test(
        "L1 No number of touches, saves or rotations passes the absolute limit, to the millisecond", arguments: uses,
        AdapterKind.allCases)
    func absolute(_ use: String, _ adapter: AdapterKind) async throws {
        let site = try TestSessions {
            $0.timeouts.expiry = Expiry(idle: .milliseconds(1000), absolute: .milliseconds(10_000))
            $0.timeouts.renewalWindow = .zero
        }
        try await withApp(on: adapter, site.manager, routes: Self.addUses) { port in
            let browser = Browser(port: port)
            let id = try await browser.post("/begin").text
            for step in 1...19 {
                site.clock.advance(by: .milliseconds(step == 19 ? 999 : 500))
                #expect(try await browser.post("/\(use)").text == id, "a use moves the idle limit")
            }
            #expect(try await browser.copy().post("/read").text == id, "a millisecond before the limit it lives")
            site.clock.advance(by: .milliseconds(1))
            #expect(try await browser.post("/read").text != id, "at the limit it is over")
            await browser.client.closeIdle()
        }
    }

    @Test(
        "L1 A session ends at its idle limit, to the millisecond, also within a request",
        arguments: AdapterKind.allCases)
    func idle(_ adapter: AdapterKind) async throws {
        let site = try TestSessions {
            $0.timeouts.expiry = Expiry(idle: .milliseconds(1000), absolute: .milliseconds(10_000))
            $0.timeouts.renewalWindow = .zero
        }
        try await withApp(on: adapter, site.manager) { app in
            Self.addUses(to: app)
            app.post("/late") { request in
                request.session["a"] = 2
                site.clock.advance(by: .milliseconds(1000))
                return "\(request.session.id)"
            }
        } _: { port in
            let browser = Browser(port: port)
            let id = try await browser.post("/begin").text
            for _ in 0..<3 {
                site.clock.advance(by: .milliseconds(999))
                #expect(try await browser.post("/read").text == id)
            }
            site.clock.advance(by: .milliseconds(1000))
            #expect(try await browser.post("/read").text != id)
            let next = try await browser.post("/begin").text
            let late = try await browser.post("/late")
            #expect(late.text == next)
            #expect(late.setCookies.isEmpty, "what has ended meanwhile is not saved, and the client is told nothing")
            #expect(try await site.sessions.fetch(ModelID(next)) == nil)
            await browser.client.closeIdle()
        }
    }

    @Test(
        "L1 Idle and absolute limits hold together by the store's own clock, on every server",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func realClock(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let (idleLimit, absoluteLimit) = (Duration.milliseconds(800), Duration.milliseconds(2000))
        // Clocks count in whole milliseconds, and each of them from another one's.
        let slack = Duration.milliseconds(20)
        try await withTwoServers(on: adapter, over: kind) { options in
            options.timeouts.expiry = Expiry(idle: idleLimit, absolute: absoluteLimit)
            options.timeouts.renewalWindow = .zero
        } routes: { app in
            Self.addUses(to: app)
        } _: { first, second, store in
            let clock = ContinuousClock()
            // A machine that was busy for as long as the idle limit has shown that one only.
            for attempt in 1...5 {
                let (unused, used) = (Browser(port: first), Browser(port: first))
                let unusedID = try await unused.post("/begin").text
                let begun = clock.now
                let id = try await used.post("/begin").text
                let stored = clock.now
                var lastUse = begun
                var (hasOutlivedIdleLimit, wasIdle) = (false, false)
                for index in 0... {
                    let sent = clock.now
                    let use = Self.uses[index % (Self.uses.count - 1)]
                    let response = try await used.post("/\(use)", to: index.isMultiple(of: 2) ? first : second)
                    let received = clock.now
                    if response.text != id {
                        let isOver = received - begun > absoluteLimit - slack
                        wasIdle = received - lastUse > idleLimit - slack
                        #expect(isOver || wasIdle, "it ended at one of its limits and not before")
                        break
                    }
                    let isInTime = sent - stored < absoluteLimit + slack
                    #expect(isInTime, "\(use)")
                    guard isInTime else { break }
                    if sent - stored > idleLimit + slack { hasOutlivedIdleLimit = true }
                    lastUse = sent
                    try await Task.sleep(for: .milliseconds(40))
                }
                let isAnotherTry = wasIdle && attempt < 5
                #expect(hasOutlivedIdleLimit || isAnotherTry, "use moves the idle limit")
                #expect(clock.now - stored > absoluteLimit - slack || isAnotherTry)
                if !isAnotherTry {
                    for port in [first, second] {
                        #expect(try await unused.copy().post("/read", to: port).text != unusedID)
                        #expect(try await used.copy().post("/read", to: port).text != id)
                    }
                    let left = try await store.sessions.fetch([ModelID(id), ModelID(unusedID)])
                    #expect(left.allSatisfy { $0 == nil })
                }
                await used.client.closeIdle()
                await unused.client.closeIdle()
                if hasOutlivedIdleLimit, !wasIdle { break }
            }
        }
    }
}
