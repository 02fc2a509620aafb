import HTTPTypes
import Modeler
import Sess

/// The in-process cost of a session: from a request's header fields to the response's, with a store in memory.
enum SessionMicro {
    static func run(_ options: Options) async throws {
        let count = options.number("iterations", 200_000)
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let cookie = try await newCookie(manager)
        var browser = HTTPFields()
        browser[.cookie] = "theme=dark; _ga=GA1.1.1234567890.1234567890; \(cookie)"
        browser[.accept] = "text/html"
        let request: SessionRequest
        switch options.text("case", "read") {
        case "none": request = sessionRequest(HTTPFields())
        case "forged":
            request = sessionRequest([.cookie: "sess=v1.AAAAAAAAAAAAAAAAAAAAAA.\(String(repeating: "A", count: 43))"])
        default: request = sessionRequest(browser)
        }
        let increments = options.text("case") == "increment"
        let start = Reading.now()
        for _ in 0..<count {
            let session = try await manager.begin(request)
            var fields = HTTPFields()
            if increments { session["times", default: 0] += 1 } else { _ = session["times", as: Int.self] }
            try await manager.finish(session, headerFields: &fields)
        }
        let elapsed = Double(Reading.now() - start) / Double(max(1, count))
        print("ns=\(elapsed)")
    }

    private static func sessionRequest(_ fields: HTTPFields) -> SessionRequest {
        SessionRequest(headerFields: fields, path: "/", isSecure: false, remoteAddress: "127.0.0.1")
    }

    private static func newCookie(_ manager: SessionManager) async throws -> String {
        let session = try await manager.begin(sessionRequest([:]))
        for number in 0..<9 { session["field\(number)"] = .string("a value of some length, \(number)") }
        session["times", default: 0] = 0
        var fields = HTTPFields()
        try await manager.finish(session, headerFields: &fields)
        guard let header = fields[.setCookie], let pair = header.split(separator: ";").first else {
            throw Failure("a new session sent no cookie")
        }
        return String(pair)
    }
}
