/// A request as a test writes it.
public struct TestRequest: Sendable {
    public var method: String
    public var path: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        _ method: String,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }

    /// Whether the host is the client's to name; otherwise it is among the headers.
    var sendsHost: Bool { !headers.contains { $0.name.lowercased() == "host" } }

    public static func get(_ path: String, headers: [(name: String, value: String)] = []) -> TestRequest {
        TestRequest("GET", path, headers: headers)
    }

    public static func delete(_ path: String) -> TestRequest { TestRequest("DELETE", path) }

    public static func post(
        _ path: String,
        json: String = "",
        headers: [(name: String, value: String)] = []
    ) -> TestRequest {
        TestRequest(
            "POST",
            path,
            headers: [("Content-Type", "application/json")] + headers,
            body: Array(json.utf8)
        )
    }

    public static func form(_ path: String, _ form: String) -> TestRequest {
        TestRequest(
            "POST",
            path,
            headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array(form.utf8)
        )
    }
}
