import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// Requests of one session that run at once.
@Suite struct RaceTests {
    @Test("C1 Two requests set different fields at once: both survive", arguments: StoreKind.allCases)
    func disjointFields(_ kind: StoreKind) async throws {
        try await withDemo(over: kind) { demo, _ in
            let browser = Browser(port: demo.port)
            let begun = try await browser.post("/session", #"{"a":1}"#)
            for round in 0..<10 {
                async let slow = browser.post("/session/slow?ms=30", #"{"slow\#(round)":true}"#)
                async let other = browser.post("/session/slow?ms=30", #"{"other\#(round)":true}"#)
                async let quick = browser.post("/session", #"{"quick\#(round)":true}"#)
                for response in try await [slow, other, quick] {
                    #expect(response.status == 200)
                    #expect(response.id == begun.id)
                }
            }
            let read = try await browser.get("/session")
            #expect(read.rev == 31)
            for round in 0..<10 {
                for name in ["slow", "other", "quick"] { #expect(read.json["\(name)\(round)"] == true) }
            }
        }
    }

    @Test(
        "C2 Two requests set the same field: the later write stands, both fields' neighbours too",
        arguments: StoreKind.allCases
    )
    func sameField(_ kind: StoreKind) async throws {
        try await withDemo(over: kind) { demo, _ in
            let browser = Browser(port: demo.port)
            try await browser.post("/session", #"{"a":0,"kept":1}"#)
            for round in 1...10 {
                async let slow = browser.post("/session/slow?ms=20", #"{"a":\#(round)}"#)
                async let quick = browser.post("/session", #"{"a":-\#(round)}"#)
                let (late, early) = try await (slow, quick)
                let (lateRev, earlyRev) = (try #require(late.rev), try #require(early.rev))
                #expect(lateRev != earlyRev)
                let read = try await browser.get("/session")
                #expect(read.json["a"] == JSONValue(integerLiteral: lateRev > earlyRev ? round : -round))
                #expect(read.json["kept"] == 1)
            }
        }
    }

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
                    let logout = try await other.get("/sign-out", to: logoutPort)
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

    @Test(
        "C4 Destroy against save, increment, rotate and regenerate: never alive afterwards",
        arguments: StoreKind.allCases
    )
    func destroyRaces(_ kind: StoreKind) async throws {
        let rivals = [
            TestRequest.post("/session", json: #"{"b":1}"#), .post("/session/increment?field=n"),
            .post("/session/rotate"),
            .post("/session/regenerate"), .get("/session"), .form("/sign-in", "name=bob"),
        ]
        try await withDemo(over: kind) { demo, server in
            let count = TestScale.count(120, full: 5_000)
            let isDead = try await concurrently(count, width: 12) { index in
                let browser = Browser(port: demo.port)
                let begun = try await browser.post("/session", #"{"a":1}"#)
                let rival = browser.copy()
                let old = browser.copy()
                async let raced = rival.send(rivals[index % rivals.count])
                if index.isMultiple(of: 3) { await Task.yield() }
                async let destroyed = browser.send(.delete("/session"))
                let (race, destroy) = try await (raced, destroyed)
                let reads = [
                    try await old.get("/session"), try await rival.get("/session"), try await browser.get("/session"),
                ]
                guard destroy.status == 204, race.status < 500, reads[0].id != begun.id else { return false }
                // A new token that was issued before the old one was presented for the destruction outlives it.
                let isRotated =
                    race.status == 200 && rival.token != old.token && rival.token?.contains(begun.id ?? "-") == true
                return reads.allSatisfy { $0.id != begun.id } || (isRotated && reads[1].id == begun.id)
            }
            #expect(isDead.allSatisfy { $0 })
            if let server {
                // What is left are sessions that a rival began anew; none is without an end.
                #expect(try await server.keysWithoutTTL().isEmpty)
            }
        }
    }

    @Test(
        "C6 Rotate against a request with the old token: one of the two tokens lives, and no data forks",
        arguments: StoreKind.allCases
    )
    func rotateRaces(_ kind: StoreKind) async throws {
        try await withDemo(over: kind) { demo, server in
            let results = try await concurrently(TestScale.count(60, full: 2_000), width: 6) { _ in
                let browser = Browser(port: demo.port)
                let begun = try await browser.post("/session", #"{"a":1}"#)
                let rival = browser.copy()
                async let rotated = browser.post("/session/rotate")
                async let raced = rival.post("/session/rotate")
                let (one, two) = try await (rotated, raced)
                let living = [try await browser.get("/session"), try await rival.get("/session")].filter {
                    $0.id == begun.id
                }
                // Where both asked one after the other, the second one's token was dead: it got an empty session.
                return one.status != 500 && two.status != 500 && living.count == 1
            }
            #expect(results.allSatisfy { $0 })
            if let server { #expect(try await server.keys().count == results.count) }
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
