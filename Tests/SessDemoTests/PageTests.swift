import Foundation
import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// The demo's page in a real browser, on two nodes over one Redis.
@Suite(.timeLimit(.minutes(10))) struct PageTests {
    private func withNodes(_ body: (DemoProcess, DemoProcess, RedisTestServer) async throws -> Void) async throws {
        try await withRedisServer { server in
            let port = try freePort()
            let first = try await DemoProcess.start([
                "--store", server.url, "--node", "one", "--peer", "127.0.0.1:\(port)",
            ])
            defer { first.kill() }
            let second = try await DemoProcess.start([
                "--port", "\(port)", "--store", server.url, "--node", "two", "--adapter", "middler",
                "--peer", "127.0.0.1:\(first.port)",
            ])
            defer { second.kill() }
            try await first.waitUntilHealthy()
            try await second.waitUntilHealthy()
            try await body(first, second, server)
        }
    }

    private func signIn(_ window: WebWindow, at node: DemoProcess) async throws {
        try await window.open("http://127.0.0.1:\(node.port)/")
        try await window.type("alice", into: "input[name=name]")
        try await window.click("button.main")
        try await waitUntil { try await window.text("#name") == "alice" }
        try await waitUntil { try await window.evaluate("return 'live' in document.body.dataset") == true }
        try await waitUntil { try await window.text("#idle-text")?.contains("of 1800 s") == true }
    }

    @Test(
        "Two browsers on two nodes: writers are counted, a revoked session learns it at once, the store goes and comes")
    func twoBrowsers() async throws {
        try await withNodes { first, second, server in
            try await WebDriver.run { driver in
                try await driver.withWindow { desk in
                    try await signIn(desk, at: first)
                    try await driver.withWindow(width: 400, height: 900, isDark: true) { phone in
                        try await signIn(phone, at: second)
                        let width = "return document.documentElement.scrollWidth <= window.innerWidth"
                        #expect(try await phone.evaluate(width) == true, "it fits a phone")
                        let ground = "return getComputedStyle(document.body).backgroundColor"
                        #expect(try await phone.evaluate(ground) == "rgb(18, 22, 28)", "it is dark in the dark")
                        #expect(try await desk.evaluate(ground) == "rgb(246, 247, 249)")

                        try await desk.reload()
                        try await waitUntil {
                            try await desk.text("#devices li:nth-child(2)")?.contains("Chrome") == true
                        }
                        try await desk.click("#write")
                        try await waitUntil { try await desk.text("#written")?.contains("20 were sent") == true }
                        #expect(try await desk.text("#exact") == "20")
                        let naive = try #require(try await desk.text("#naive").flatMap(Int.init))
                        #expect((1...20).contains(naive))
                        let written = try await desk.text("#written") ?? ""
                        #expect(written.contains("one") && written.contains("two"))

                        // As after an answer that is no stream: the page listens anew.
                        _ = try await phone.evaluate("events.close(); events.dispatchEvent(new Event('error'))")
                        try await waitUntil { try await phone.evaluate("return events.readyState") == 1 }

                        try await desk.click("form[action=\"/session/rotate\"] button")
                        try await waitUntil { try await desk.text("#rotated")?.contains("new token") == true }

                        try await desk.click("form[action=\"/devices/revoke\"] button")
                        try await waitUntil { try await phone.text("#banner")?.contains("has ended") == true }
                        #expect(try await phone.evaluate("return document.querySelector('#write').disabled") == true)
                    }
                    server.pause()
                    try await waitUntil { try await desk.text("#banner")?.contains("doesn't answer") == true }
                    server.resume()
                    try await waitUntil { try await desk.text("#banner") == "" }
                    #expect(try await desk.text("#exact") == "20")

                    try await desk.click("form[action=\"/sign-out\"] button")
                    try await waitUntil { try await desk.text("input[name=name]") != nil }
                    #expect(try await desk.text("#name") == nil)
                }
            }
        }
    }

    @Test("A page of another site can't sign a browser in or out, nor write", arguments: AdapterKind.allCases)
    func crossSite(_ adapter: AdapterKind) async throws {
        try await withDemo(over: .memory, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            try await browser.post("/session", #"{"a":1}"#)
            for path in ["/sign-in", "/sign-out", "/writers?way=exact", "/session", "/devices/revoke-others"] {
                var request = TestRequest.form(path, "name=mallory")
                request.headers.append(("Sec-Fetch-Site", "cross-site"))
                #expect(try await browser.send(request).status == 403, "\(path)")
                request.headers[request.headers.count - 1] = ("Origin", "https://evil.example")
                #expect(try await browser.send(request).status == 403, "\(path)")
            }
            #expect(try await browser.get("/whoami").text == "nobody")
        }
    }

    @Test("The stream of events ends with the session, and when the node is stopped", arguments: AdapterKind.allCases)
    func events(_ adapter: AdapterKind) async throws {
        try await withDemo(over: .memory, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            #expect(try await browser.get("/events").status == 204)
            var text = ""
            // On a busy machine the session may end before its stream has begun.
            for attempt in 1...20 where !text.contains("event: ended") {
                try await browser.send(.form("/sign-in", "name=alice"))
                let other = browser.copy()
                async let stream = other.get("/events")
                try await Task.sleep(for: .milliseconds(100 * attempt))
                try await browser.post("/sign-out")
                text = try await stream.text
            }
            #expect(text.contains("event: node") && text.contains("event: ended\ndata: destroyed"))

            try await browser.send(.form("/sign-in", "name=alice"))
            let last = browser.copy()
            async let open = try? last.get("/events")
            try await Task.sleep(for: .seconds(1))
            #expect(try await demo.terminate())
            _ = await open
        }
    }
}
