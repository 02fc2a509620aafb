import Modeler
import SessTestSupport
import Testing

/// What the demo refuses.
@Suite struct DemoInputTests {
    @Test("A malformed body is refused with a reason and changes nothing")
    func malformedBodies() async throws {
        let bodies = [
            "", "{", "[1]", "null", "7", #"{"a":}"#, #"{"a":1,}"#, #"{'a':1}"#, #"{"a":01}"#, #"{"a":NaN}"#,
            #"{"a":"\uD800"}"#, #"{"a":1} x"#, #"{"__proto":1}"#, #"{"a":1,"__token":"x"}"#,
            String(repeating: #"{"a":"#, count: 5_000) + "1" + String(repeating: "}", count: 5_000),
        ]
        try await withDemo { demo in
            let browser = Browser(port: demo.port)
            try await browser.post("/session", #"{"kept":1}"#)
            for path in ["/session", "/session/slow?ms=0"] {
                for body in bodies {
                    let response = try await browser.post(path, body)
                    #expect(response.status == 400, "\(body.prefix(40))")
                    #expect(response.text.count > 20)
                    #expect(response.setCookies.isEmpty)
                }
            }
            let read = try await browser.get("/session")
            #expect(read.rev == 1)
            #expect(read.json["kept"] == 1)
            #expect(read.json["a"].isNull)
        }
    }

    @Test("A body that is no UTF-8 is refused")
    func notUTF8() async throws {
        try await withDemo { demo in
            let body = Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
            let response = try await TestHTTPClient().send(TestRequest("POST", "/session", body: body), to: demo.port)
            #expect(response.status == 400)
            #expect(response.setCookies.isEmpty)
        }
    }

    @Test("A malformed form is refused with a reason", arguments: ["", "name=", "nam=alice", "{}", "%", "name"])
    func malformedForms(_ form: String) async throws {
        try await withDemo { demo in
            let browser = Browser(port: demo.port)
            let response = try await browser.send(.form("/sign-in", form))
            #expect(response.status == 400)
            #expect(response.text.contains("name"))
            #expect(try await browser.get("/whoami").text == "nobody")
        }
    }

    @Test("Malformed parameters are refused with a reason")
    func malformedParameters() async throws {
        let paths = [
            "/session/increment", "/session/increment?field=", "/session/increment?field=id",
            "/session/increment?field=__token",
            "/session/increment?field=a&by=x", "/session/increment?field=a&by=1.5", "/session/increment?field=text",
            "/session/increment?field=a&by=9223372036854775807", "/session/increment?field=a&by=99999999999999999999",
            "/session/slow", "/session/slow?ms=-1", "/session/slow?ms=soon", "/session/slow?ms=60001",
        ]
        for kind in StoreKind.allCases {
            try await withDemo(over: kind) { demo, _ in
                let browser = Browser(port: demo.port)
                try await browser.post("/session", #"{"text":"x"}"#)
                for path in paths {
                    let response = try await browser.post(path, "{}")
                    #expect(response.status == 400, "\(path)")
                    #expect(response.text.count > 20)
                }
                #expect(try await browser.get("/session").rev == 1)
            }
        }
    }

    @Test("Reserved names can't be set")
    func reserved() async throws {
        try await withDemo { demo in
            let browser = Browser(port: demo.port)
            let written = try await browser.post(
                "/session",
                #"{"id":"mine","rev":99,"created":"now","updated":1,"a":1}"#
            )
            #expect(written.id != "mine")
            #expect(written.rev == 1)
            #expect(written.json["a"] == 1)
            let read = try await browser.get("/session")
            #expect(read.id == written.id)
            #expect(read.text.components(of: #""id":"#) == 1)
        }
    }

    @Test("A session beyond the limit is refused and the stored one stays", arguments: StoreKind.allCases)
    func tooLarge(_ kind: StoreKind) async throws {
        try await withDemo(over: kind) { demo, _ in
            let browser = Browser(port: demo.port)
            try await browser.post("/session", #"{"a":1}"#)
            let large = String(repeating: "x", count: 65_536)
            let refused = try await browser.post("/session", #"{"large":"\#(large)"}"#)
            #expect(refused.status == 413)
            let huge = String(repeating: "x", count: 2 << 20)
            #expect(try await browser.post("/session", #"{"large":"\#(huge)"}"#).status == 413)
            let read = try await browser.get("/session")
            #expect(read.rev == 1)
            #expect(read.json["large"].isNull)
            let fresh = Browser(port: demo.port)
            let refusedFirst = try await fresh.post("/session", #"{"large":"\#(large)"}"#)
            #expect(refusedFirst.status == 413)
            #expect(refusedFirst.setCookies.isEmpty)
        }
    }

    @Test("The effective settings are printed, options before the environment, and the program ends")
    func settings() async throws {
        let result = try await DemoProcess.run(["--print-config", "--idle", "60", "--key", "shop"])
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.contains("session.cookie.name = shop"))
        #expect(lines.contains("session.idleTimeout = 60s"))
        #expect(lines.contains("session.absoluteTimeout = 12h (default)"))
        #expect(lines.last == "# Redis is redis://127.0.0.1:6379/0")
    }

    @Test("Wrong options are refused with a reason; a password is never shown")
    func options() async throws {
        let secret = "hunter2-never-shown"
        let wrong: [(arguments: [String], reason: String)] = [
            (["--store", "redis://:\(secret)@host:port/0"], "--store"),
            (["--store", "redis://user:\(secret)@/x y"], "--store"),
            (["--store", "mongodb://user:\(secret)@host"], "--store"),
            (["--store", "redis://user:\(secret)%zz@host"], "--store"),
            (["--trusted-proxy", "10.0.0.0/33"], "10.0.0.0/33"),
            (["--trusted-proxy", "proxy.example"], "proxy.example"),
            (["--secure", "sometimes"], "sometimes"),
            (["--store-down", "panic"], "panic"),
            (["--key", "a b"], "name"),
            (["--key", "__Host-sess"], "__Host-"),
            (["--port", "70000"], "70000"),
            (["--idle", "0"], "--idle"),
            (["--absolute", "-5"], "absolute"),
        ]
        for (arguments, reason) in wrong {
            let result = try await DemoProcess.run(arguments)
            #expect(result.status != 0, "\(arguments)")
            #expect((result.output + result.errors).contains(reason), "\(arguments): \(result.errors)")
            #expect(!(result.output + result.errors).contains(secret))
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
