import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// Requests of one session that run at once.
@Suite struct RaceTests {
    @Test("C4 H4 A logout while a request is in flight: the next request is anonymous and no key is left")
    func logoutInFlight() async throws {
        try await withCluster { first, second, server in
            let count = TestScale.count(200, full: 1_000)
            let anonymous = try await concurrently(count, width: 40) { index in
                let slowPort = index.isMultiple(of: 2) ? first.port : second.port
                let logoutPort = index % 3 == 0 ? first.port : second.port
                while true {
                    let browser = Browser(port: slowPort)
                    let begun = try await browser.post("/session", #"{"name":"alice"}"#)
                    let other = browser.copy()
                    async let slow = browser.post("/session/slow?ms=\(20 * (index % 4))", #"{"late":true}"#)
                    try await Task.sleep(for: .milliseconds(10 * (index % 5)))
                    let logout = try await other.post("/sign-out", to: logoutPort)
                    let late = try await slow
                    if late.status == 200, late.id != begun.id {
                        // It began after the logout, so it was not in flight: a write that begins a session of its own.
                        try await browser.send(.delete("/session"))
                        continue
                    }
                    let next = try await browser.get("/session", to: second.port)
                    let whoami = try await browser.get("/whoami")
                    return logout.status == 200 && [200, 409].contains(late.status) && next.rev == 0
                        && next.json["late"].isNull && next.json["name"].isNull && whoami.text == "nobody"
                }
            }
            #expect(anonymous.count { $0 } == count)
            #expect(try await server.keys().isEmpty)
        }
    }

    @Test("C10 8 writers increment one counter through two nodes: none is lost")
    func counter() async throws {
        try await withCluster { first, second, _ in
            let each = TestScale.count(125, full: 1_000)
            let browser = Browser(port: first.port)
            try await browser.post("/session", #"{"n":0}"#)
            let statuses = try await concurrently(8, width: 8) { writer in
                var statuses: Set<Int> = []
                for _ in 0..<each {
                    let port = writer.isMultiple(of: 2) ? first.port : second.port
                    statuses.insert(try await browser.post("/session/increment?field=n", to: port).status)
                }
                return statuses
            }
            #expect(Set(statuses.joined()) == [200])
            let read = try await browser.get("/session", to: second.port)
            #expect(read.json["n"] == JSONValue(integerLiteral: 8 * each))
            #expect(read.rev == 8 * each + 1)
        }
    }

    @Test("C10 16 writers on fields of their own through two nodes: no conflict, none lost")
    func ownFields() async throws {
        try await withCluster { first, second, _ in
            let each = TestScale.count(40, full: 500)
            let browser = Browser(port: first.port)
            try await browser.post("/session", #"{"n":0}"#)
            let statuses = try await concurrently(16, width: 16) { writer in
                var statuses: Set<Int> = []
                for step in 1...each {
                    let port = (writer + step).isMultiple(of: 2) ? first.port : second.port
                    statuses.insert(try await browser.post("/session", #"{"f\#(writer)":\#(step)}"#, to: port).status)
                }
                return statuses
            }
            #expect(Set(statuses.joined()) == [200])
            let read = try await browser.get("/session")
            #expect(read.rev == 16 * each + 1)
            for writer in 0..<16 { #expect(read.json["f\(writer)"] == JSONValue(integerLiteral: each)) }
        }
    }
}
