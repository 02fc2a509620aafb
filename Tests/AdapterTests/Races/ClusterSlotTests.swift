import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// A server of a Redis cluster, which refuses commands on keys of several slots.
@Suite struct ClusterSlotTests {
    @Test("C8 No path of a session gives a command with keys of two slots", arguments: AdapterKind.allCases)
    func slots(_ adapter: AdapterKind) async throws {
        try await withStore(.redis, redis: ["--cluster-enabled", "yes"]) { server in
            try await server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            try await eventually {
                try await server.command("CLUSTER", "INFO").text?.contains("cluster_state:ok") == true
            }
        } _: { store in
            let server = try #require(store.server)
            var options = SessionOptions()
            options.users.maximumSessions = 3
            options.users.epochCheck = .everyRequest
            options.timeouts.renewalWindow = .zero
            let manager = try SessionManager(sessions: store.sessions, options: options)
            try await withApp(on: adapter, manager) { app in
                Self.add(to: app, manager)
            } _: { port in
                let browser = Browser(port: port)
                try await browser.post("/write")
                for path in ["write", "read", "increment", "update", "touch", "rotate", "exclusive", "reload"] {
                    #expect(try await browser.post("/\(path)").status == 200, "\(path)")
                }
                var others: [Browser] = []
                for _ in 0..<5 {
                    let other = Browser(port: port)
                    #expect(try await other.post("/sign-in").text == "alice")
                    others.append(other)
                }
                let last = others[4]
                #expect(try await last.post("/devices").text == "3")
                #expect(try await others[0].post("/devices").text == "nobody", "the oldest one was evicted")
                for path in ["revoke-others", "read", "rotate"] {
                    #expect(try await last.post("/\(path)").status == 200, "\(path)")
                }
                #expect(try await last.post("/devices").text == "1")
                #expect(try await others[3].post("/devices").text == "nobody")
                for path in ["revoke-all", "read"] { #expect(try await last.post("/\(path)").status == 200, "\(path)") }
                #expect(try await last.post("/devices").text == "nobody")
                for path in ["regenerate", "write", "destroy"] {
                    #expect(try await browser.post("/\(path)").status == 200, "\(path)")
                }
                let refused = try await Self.refusals(server)
                #expect(refused == 0)
                // The server is one that would have refused them.
                try await server.command("MGET", "a", "b")
                #expect(try await Self.refusals(server) == 1)
                await browser.client.closeIdle()
                for other in others { await other.client.closeIdle() }
            }
        }
    }

    private static func add(to app: AppRoutes, _ manager: SessionManager) {
        let steps: [(name: String, step: @Sendable (Session) async throws -> Void)] = [
            ("write", { $0["a", default: 0] += 1 }), ("read", { _ = $0["a"] }),
            ("increment", { try await $0.increment("n") }),
            ("update", { try await $0.update { $0["n", default: 0] += 1 } }), ("touch", { try await $0.touch() }),
            ("rotate", { try await $0.rotate(grace: .seconds(9)) }), ("reload", { try await $0.reload() }),
            ("exclusive", { session in try await session.withExclusiveAccess { _ in session["b"] = 1 } }),
            ("regenerate", { try await $0.regenerate() }), ("destroy", { try await $0.destroy() }),
            ("revoke-others", { try await manager.revokeOthers(than: $0) }),
            ("revoke-all", { _ in try await manager.revokeAll(of: "alice") }),
        ]
        for (name, step) in steps {
            app.post("/\(name)") { request in
                try await step(request.session)
                return "ok"
            }
        }
        app.post("/sign-in") { request in
            try await request.session.signIn(userID: "alice")
            return request.session.userID ?? "nobody"
        }
        app.post("/devices") { request in
            guard let user = request.session.userID else { return "nobody" }
            return "\(try await manager.sessions(of: user).count)"
        }
    }

    /// How many commands the server has refused because their keys were of several slots.
    private static func refusals(_ server: RedisTestServer) async throws -> Int {
        let info = try await server.command("INFO", "errorstats").text ?? ""
        for line in info.split(whereSeparator: \.isNewline) where line.hasPrefix("errorstat_CROSSSLOT:count=") {
            return Int(line.dropFirst("errorstat_CROSSSLOT:count=".count)) ?? -1
        }
        return 0
    }
}
