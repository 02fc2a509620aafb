import FoundationEssentials
public import Modeler

/// Cookies as a browser keeps them for one host: by name and path, until they expire (RFC 6265 §5.3 and §5.4).
///
/// It knows `Path`, `Secure`, `HttpOnly`, `Max-Age` and nothing of other hosts.
public struct CookieJar: Sendable {
    /// One cookie.
    public struct Cookie: Sendable {
        /// The cookie's name.
        public var name: String
        /// The cookie's value, as it was sent.
        public var value: String
        /// Requests to this path and below it get the cookie.
        public var path: String
        /// Whether only requests over TLS get it.
        public var isSecure: Bool
        /// Whether scripts can't read it.
        public var isHTTPOnly: Bool
        /// When it expires; `nil` for one that ends with the browser.
        public var expires: Timestamp?
    }

    /// The cookies, expired ones included that nobody has replaced.
    public private(set) var cookies: [Cookie] = []

    private let clock: @Sendable () -> Timestamp

    /// An empty jar.
    ///
    /// - Parameter clock: By which cookies expire: the system's, unless a test has one of its own.
    public init(clock: (@Sendable () -> Timestamp)? = nil) {
        self.clock = clock ?? { Timestamp(Date()) }
    }

    /// Takes over what a response to a request of a path sets. A `Secure` cookie from an insecure one is refused.
    public mutating func take(_ setCookies: [String], path requestPath: String, isSecure: Bool = false) {
        for text in setCookies {
            let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
            guard let equals = parts[0].firstIndex(of: "=") else { continue }
            var cookie = Cookie(
                name: String(parts[0][..<equals]),
                value: String(parts[0][parts[0].index(after: equals)...]),
                path: Self.defaultPath(requestPath),
                isSecure: false,
                isHTTPOnly: false
            )
            var isExpired = false
            for attribute in parts.dropFirst() {
                let pair = attribute.split(separator: "=", maxSplits: 1)
                let value = pair.count == 2 ? String(pair[1]) : ""
                switch pair.first?.lowercased() {
                case "path" where value.hasPrefix("/"): cookie.path = value
                case "secure": cookie.isSecure = true
                case "httponly": cookie.isHTTPOnly = true
                case "max-age":
                    if let seconds = Int(value), seconds > 0 {
                        cookie.expires = clock() + .seconds(seconds)
                    } else {
                        isExpired = true
                    }
                default: break
                }
            }
            if cookie.isSecure, !isSecure { continue }
            cookies.removeAll { $0.name == cookie.name && $0.path == cookie.path }
            if !isExpired { cookies.append(cookie) }
        }
    }

    /// The `Cookie` header for a request; the longest path first.
    public func header(path: String, isSecure: Bool = false) -> String? {
        let now = clock()
        let sent = cookies.filter { cookie in
            (isSecure || !cookie.isSecure) && (cookie.expires.map { $0 > now } ?? true)
                && Self.matches(path: path, cookiePath: cookie.path)
        }
        let sorted = sent.sorted { $0.path.utf8.count > $1.path.utf8.count }
        return sorted.isEmpty ? nil : sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    /// The value of the cookie of a name.
    public subscript(name: String) -> String? { cookies.first { $0.name == name }?.value }

    private static func matches(path: String, cookiePath: String) -> Bool {
        let path = String(path.prefix { $0 != "?" })
        return path == cookiePath
            || (path.hasPrefix(cookiePath)
                && (cookiePath.hasSuffix("/") || path.dropFirst(cookiePath.count).first == "/"))
    }

    private static func defaultPath(_ path: String) -> String {
        let path = path.prefix { $0 != "?" }
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
