/// The cookie that carries a session's token: its name and attributes (RFC 6265 and its revision,
/// draft-ietf-httpbis-rfc6265bis).
///
/// A value of this type is valid: the rules of the standard are checked when it is made.
public struct SessionCookie: Sendable, Hashable {
    /// When a cookie is sent with requests that other sites start.
    public enum SameSite: String, Sendable, Hashable {
        /// With navigations to this site only. The default.
        case lax = "Lax"
        /// Never.
        case strict = "Strict"
        /// Always; browsers accept it with `Secure` only.
        case none = "None"
        /// `none` where the cookie is `Secure`, for sites that are embedded in others, and `lax` where it isn't. Such a
        /// cookie comes with requests that other sites start: the app itself must tell them from its own.
        case auto = "auto"
    }

    /// Whether the cookie has the `Secure` attribute.
    public enum Secure: Sendable, Hashable {
        /// Where the request came over TLS, to this server or to a trusted proxy before it. The default.
        case auto
        /// Always; requests that did not come over TLS take no part in sessions.
        case always
        /// Never.
        case never
    }

    /// How long browsers keep the cookie.
    public enum Persistence: Sendable, Hashable {
        /// Until the browser's own session ends. The default.
        case browserSession
        /// As long as the session lives; the cookie is sent anew whenever the session's deadline moves.
        case sessionLifetime
    }

    /// Which cookies a browser drops first when it has too many.
    public enum Priority: String, Sendable, Hashable {
        case low = "Low"
        case medium = "Medium"
        case high = "High"
    }

    /// The cookie's name.
    public let name: String
    /// The paths it is sent for; requests outside take no part in sessions.
    public let path: String
    /// The domain it is sent to, with all below it; `nil`: this host only.
    public let domain: String?
    /// Whether it has the `Secure` attribute.
    public let secure: Secure
    /// When it is sent with requests that other sites start.
    public let sameSite: SameSite
    /// Whether it is hidden from scripts.
    public let httpOnly: Bool
    /// How long browsers keep it.
    public let persistence: Persistence
    /// Whether it is kept apart for each top-level site (CHIPS).
    public let partitioned: Bool
    /// Which cookies a browser drops first.
    public let priority: Priority?
    /// Whether it is sent with every response to a stored session, not only when something about it changed: a write
    /// for each request, which confirms that its token is the current one.
    public let alwaysSet: Bool

    /// `sess`, for the whole host, `HttpOnly`, `SameSite=Lax`, `Secure` where the request came over TLS.
    public static let standard = SessionCookie(validName: "sess")

    /// Makes a cookie and checks the rules.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for a name, path or domain that browsers would refuse or
    ///   ignore: the path is an absolute one without a query, at most 1,024 bytes, the domain a host name without a dot
    ///   at its ends; a `__Secure-` name without `.always`, an `__Http-` name without it or without `HttpOnly`; a
    ///   `__Host-` name without `.always`, with a domain or with a path other than `/`; `SameSite=None` or
    ///   `Partitioned` with `.never`.
    public init(
        name: String = "sess",
        path: String = "/",
        domain: String? = nil,
        secure: Secure = .auto,
        sameSite: SameSite = .lax,
        httpOnly: Bool = true,
        persistence: Persistence = .browserSession,
        partitioned: Bool = false,
        priority: Priority? = nil,
        alwaysSet: Bool = false
    ) throws(SessionError) {
        self.name = name
        self.path = path
        self.domain = domain
        self.secure = secure
        self.sameSite = sameSite
        self.httpOnly = httpOnly
        self.persistence = persistence
        self.partitioned = partitioned
        self.priority = priority
        self.alwaysSet = alwaysSet
        if let problem {
            throw SessionError(.invalidConfiguration, problem)
        }
    }

    private init(validName: String) {
        self.name = validName
        self.path = "/"
        self.domain = nil
        self.secure = .auto
        self.sameSite = .lax
        self.httpOnly = true
        self.persistence = .browserSession
        self.partitioned = false
        self.priority = nil
        self.alwaysSet = false
    }
}
