import HTTPTypes
import NIOHTTP1

/// A request's head, checked beyond what the decoder checks.
struct RequestHead {
    let request: HTTPRequest
    /// Whether the client waits for a 100 before it sends the body.
    private(set) var expectsContinue = false
    /// Whether the connection may serve another request after this one.
    private(set) var keepsConnection: Bool
    /// The length of the body; `nil` for a chunked one.
    private(set) var contentLength: Int? = 0

    /// - Throws: ``HTTPError`` for a request that must not be served. Its connection has to close, as nobody knows
    ///   where the next request begins.
    init(_ head: HTTPRequestHead, maximumBodySize: Int) throws(HTTPError) {
        keepsConnection = head.isKeepAlive
        let isHTTP11 = head.version.minor >= 1
        guard let method = HTTPRequest.Method(head.method.rawValue) else {
            throw HTTPError(.badRequest, "The method is not a token.")
        }
        guard method != .connect else { throw HTTPError(.notImplemented, "This server is no proxy.") }

        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        var host: String?
        var length: Int?
        var isChunked = false
        for (rawName, rawValue) in head.headers {
            let value = Self.withoutBlanksAtEnds(rawValue)
            guard let name = FieldNames.name(rawName), HTTPField.isValidValue(value) else {
                throw HTTPError(
                    .badRequest, "A header field has a name or a value with characters that are not allowed.")
            }
            switch name {
            case .host:
                guard host == nil, value.isEmpty || HostPort.isValid(value) else {
                    throw HTTPError(.badRequest, "A request has one valid Host.")
                }
                host = value
                continue
            case .contentLength:
                // RFC 9112 §6.3: several lengths, even equal ones, are a sign of an attack.
                guard length == nil, let number = Self.length(value) else {
                    throw HTTPError(.badRequest, "A request has at most one Content-Length, a number.")
                }
                length = number
            case .transferEncoding:
                guard !isChunked, isHTTP11 else {
                    throw HTTPError(.badRequest, "Transfer-Encoding is for HTTP/1.1, once.")
                }
                guard value.lowercased() == "chunked" else {
                    throw HTTPError(.notImplemented, "The only Transfer-Encoding that is understood is chunked.")
                }
                isChunked = true
            case .expect:
                guard value.lowercased() == "100-continue" else {
                    throw HTTPError(.expectationFailed, "The only expectation that can be met is 100-continue.")
                }
                expectsContinue = isHTTP11
            case .upgrade:
                // The decoder reads nothing behind a request to change protocols.
                keepsConnection = false
            default:
                break
            }
            fields.append(HTTPField(name: name, value: value))
        }
        guard !isChunked || length == nil else {
            throw HTTPError(.badRequest, "A request has a Transfer-Encoding or a Content-Length, not both.")
        }
        if isHTTP11, host == nil { throw HTTPError(.badRequest, "A request of HTTP/1.1 names its Host.") }
        if let length, length > maximumBodySize { throw HTTPError.bodyTooLarge(maximumBodySize) }
        contentLength = isChunked ? nil : length ?? 0
        if contentLength == 0 { expectsContinue = false }

        let target = try RequestTarget(head.uri, isOptions: method == .options)
        request = HTTPRequest(
            method: method, scheme: "http", authority: target.authority ?? host, path: target.path,
            headerFields: fields)
    }

    /// Digits alone: no sign, no list (RFC 9110 §8.6).
    private static func length(_ value: String) -> Int? {
        value.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(value) : nil
    }

    /// Blanks around a field's value are no part of it (RFC 9112 §5.1).
    private static func withoutBlanksAtEnds(_ value: String) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let bytes = value.utf8
        guard let first = bytes.first, let last = bytes.last, isBlank(first) || isBlank(last) else { return value }
        guard let start = bytes.firstIndex(where: { !isBlank($0) }), let end = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(value[start...end])
    }
}

/// What a request asks for (RFC 9112 §3.2).
struct RequestTarget {
    let path: String
    /// The authority of a target in absolute form, which counts more than `Host` (RFC 9112 §3.2.2).
    let authority: String?

    init(_ target: String, isOptions: Bool) throws(HTTPError) {
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }) else {
            throw HTTPError(.badRequest, "The request's target has characters that are not allowed.")
        }
        if target.utf8.first == UInt8(ascii: "/") || (target == "*" && isOptions) {
            path = target
            authority = nil
            return
        }
        guard let schemeEnd = target.firstRange(of: "://"),
            ["http", "https"].contains(target[..<schemeEnd.lowerBound].lowercased())
        else { throw HTTPError(.badRequest, "The request's target is a path that begins with '/'.") }
        let rest = target[schemeEnd.upperBound...]
        let name = rest.prefix { $0 != "/" && $0 != "?" }
        guard HostPort.isValid(String(name)) else {
            throw HTTPError(.badRequest, "The request's target names no valid host.")
        }
        authority = String(name)
        let tail = rest.dropFirst(name.count)
        path = tail.first == "/" ? String(tail) : "/" + tail
    }
}
