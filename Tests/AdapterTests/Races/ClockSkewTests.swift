import Modeler
import Sess
import SessTestSupport
import Testing

/// Web servers that don't agree on the time.
@Suite struct ClockSkewTests {
    @Test(
        "C9 Servers whose clocks are hours apart agree on every session, and on when it ends",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func skew(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            var options = SessionOptions()
            options.timeouts.expiry = Expiry(idle: .seconds(600), absolute: .seconds(3000))
            options.cookie = try SessionCookie(persistence: .sessionLifetime)
            let managers = try [Duration.seconds(3600), .seconds(-3600), .zero].map { skew in
                let start = Timestamp(milliseconds: 1_700_000_000_000)
                return try SessionManager(sessions: store.sessions, options: options, clock: { start + skew })
            }
            try await withServers(on: adapter, managers) { app in
                app.post("/write") { request in
                    let session = request.session
                    session["n", default: 0] += 1
                    try await session.save()
                    let remaining = session.remaining.map { Int($0.components.seconds) } ?? -1
                    return """
                        {"id":"\(session.id)","created":\(session.created.milliseconds),
                        "updated":\(session.updated.milliseconds),"rev":\(session.revision),"remaining":\(remaining)}
                        """
                }
                app.post("/short") { request in
                    try request.session.setTimeouts(Expiry(idle: .milliseconds(700), absolute: .seconds(30)))
                    return "ok"
                }
                app.post("/rotate") { request in
                    try await request.session.rotate(grace: .milliseconds(700))
                    return "ok"
                }
                app.get("/read") { request in "\(request.session.id) \(request.session.isNew)" }
            } _: { ports in
                let browser = Browser(port: ports[0])
                let begun = try await browser.post("/write")
                var last = try #require(begun.json["updated"].int)
                for round in 0..<9 {
                    let written = try await browser.post("/write", to: ports[round % 3])
                    #expect(written.id == begun.id)
                    #expect(written.rev == round + 2)
                    #expect(written.json["created"] == begun.json["created"])
                    let updated = try #require(written.json["updated"].int)
                    #expect(updated >= last)
                    last = updated
                    #expect((560...600).contains(try #require(written.json["remaining"].int)))
                    let cookie = try #require(written.setCookies.first)
                    let age = cookie.split(separator: ";").compactMap { part in
                        part.hasPrefix(" Max-Age=") ? Int(part.dropFirst(9)) : nil
                    }
                    #expect(age.count == 1 && (560...600).contains(age[0]))
                }
                let id = try #require(begun.id)
                // A grace ends for all of them.
                let old = browser.copy()
                let rotated = ContinuousClock.now
                try await browser.post("/rotate", to: ports[1])
                for port in ports {
                    let read = try await old.copy().get("/read", to: port).text
                    // A machine that was busy for as long as the grace has shown nothing.
                    #expect(read == "\(id) false" || ContinuousClock.now - rotated > .milliseconds(690))
                }
                for port in ports {
                    try await eventually { try await old.copy().get("/read", to: port).text.hasSuffix("true") }
                    #expect(try await browser.get("/read", to: port).text == "\(id) false")
                }
                // And so does a session.
                let late = browser.copy()
                let limited = ContinuousClock.now
                try await browser.post("/short", to: ports[0])
                for port in ports {
                    let read = try await late.copy().get("/read", to: port).text
                    #expect(read == "\(id) false" || ContinuousClock.now - limited > .milliseconds(690))
                }
                try await Task.sleep(for: .milliseconds(800))
                for port in ports { #expect(try await late.copy().get("/read", to: port).text.hasSuffix("true")) }
                await browser.client.closeIdle()
            }
        }
    }
}
