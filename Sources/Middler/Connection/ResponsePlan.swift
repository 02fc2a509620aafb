import HTTPTypes
import NIOCore
import NIOHTTP1

/// How a response is sent: its head, and how its body's end is told (RFC 9112 §6).
struct ResponsePlan {
    enum Body {
        case none
        case bytes(ByteBuffer)
        /// At most, and at least, as many bytes; any number where the length isn't known.
        case stream(length: Int?, @Sendable (any ResponseWriter) async throws -> Void)
    }

    private(set) var head: HTTPResponseHead
    private(set) var body: Body
    /// Whether another request may follow on the connection.
    private(set) var keepsConnection: Bool

    /// - Parameters:
    ///   - response: What a handler answered.
    ///   - method: The request's method.
    ///   - version: The request's version.
    ///   - mayKeep: Whether the request allows for another one.
    ///   - date: The time, as `Date` has it.
    init(_ response: Response, to method: HTTPRequest.Method, _ version: HTTPVersion, mayKeep: Bool, date: String) {
        keepsConnection = mayKeep
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headerFields.count + 3)
        var ownLength: String?
        var hasDate = false
        for field in response.headerFields {
            switch field.name {
            case .contentLength: ownLength = field.value
            case .transferEncoding: break
            case .connection: if Self.hasClose(field.value) { keepsConnection = false }
            default:
                if field.name == .date { hasDate = true }
                headers.add(name: field.name.rawName, value: field.value)
            }
        }
        if !hasDate { headers.add(name: "Date", value: date) }

        let code = response.status.code
        let isBodyless = code == 204 || code == 304
        switch response.body.kind {
        case _ where code == 205:
            // No content (RFC 9110 §15.3.6), which has to be said: its framing is that of any other response.
            body = .none
            headers.add(name: "Content-Length", value: "0")
        case .none:
            body = .none
            if !isBodyless { headers.add(name: "Content-Length", value: method == .head ? ownLength ?? "0" : "0") }
        case .bytes(let bytes):
            body = .bytes(bytes)
            if !isBodyless { headers.add(name: "Content-Length", value: "\(bytes.readableBytes)") }
        case .stream(let length, let write):
            body = .stream(length: length, write)
            if isBodyless { break }
            if let length {
                headers.add(name: "Content-Length", value: "\(length)")
            } else if method == .head {
                // Its length isn't known, and no body tells.
            } else if version.minor >= 1 {
                headers.add(name: "Transfer-Encoding", value: "chunked")
            } else {
                // HTTP/1.0 knows no chunks: the body ends with the connection.
                keepsConnection = false
            }
        }
        if isBodyless || method == .head { body = .none }
        if !keepsConnection {
            headers.add(name: "Connection", value: "close")
        } else if version.minor == 0 {
            headers.add(name: "Connection", value: "keep-alive")
        }
        head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: code, reasonPhrase: response.status.reasonPhrase),
            headers: headers)
    }

    /// Whether `close` is among the options of a list.
    private static func hasClose(_ value: String) -> Bool {
        value.lowercased().split(separator: ",").contains { option in
            option.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" } == "close"
        }
    }
}
