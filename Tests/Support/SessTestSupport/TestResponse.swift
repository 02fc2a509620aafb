public import Modeler

/// A response as a test sees it.
public struct TestResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The values of a header, in the order sent.
    public subscript(name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    public var setCookies: [String] { self["Set-Cookie"] }
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; `.null` where it is none.
    public var json: JSONValue { (try? EncodedJSON(validating: body).value()) ?? .null }

    /// Members of the demo's session object.
    public var id: String? { json["id"].string }
    public var rev: Int? { json["rev"].int }
}
