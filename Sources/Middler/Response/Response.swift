public import HTTPTypes
public import NIOCore

/// The answer to a request.
///
/// The server sets `Content-Length` or `Transfer-Encoding`, `Connection` and `Date` itself. To HEAD it sends what GET
/// would get without the body.
public struct Response: Sendable {
    public var status: HTTPResponse.Status
    public var headerFields: HTTPFields
    public var body: ResponseBody

    /// An answer.
    public init(status: HTTPResponse.Status = .ok, headerFields: HTTPFields = [:], body: ResponseBody = .none) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    /// Plain text.
    public static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headerFields: [.contentType: "text/plain; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text)))
    }

    /// A page.
    public static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headerFields: [.contentType: "text/html; charset=utf-8"],
            body: .bytes(ByteBuffer(string: text)))
    }

    /// Bytes that are JSON.
    public static func json(_ bytes: some Sequence<UInt8>, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headerFields: [.contentType: "application/json; charset=utf-8"],
            body: .bytes(ByteBuffer(bytes: bytes)))
    }

    /// Sends the client to another place.
    public static func redirect(to location: String, status: HTTPResponse.Status = .seeOther) -> Response {
        Response(status: status, headerFields: [.location: location])
    }
}

/// What a handler may answer with.
public protocol ResponseConvertible: SendableMetatype {
    /// The answer.
    func response() throws -> Response
}

extension Response: ResponseConvertible {
    public func response() -> Response { self }
}

extension String: ResponseConvertible {
    /// Plain text.
    public func response() -> Response { .text(self) }
}

extension HTTPResponse.Status: ResponseConvertible {
    /// The status without a body.
    public func response() -> Response { Response(status: self) }
}

extension ByteBuffer: ResponseConvertible {
    /// Bytes of no particular type.
    public func response() -> Response {
        Response(headerFields: [.contentType: "application/octet-stream"], body: .bytes(self))
    }
}
