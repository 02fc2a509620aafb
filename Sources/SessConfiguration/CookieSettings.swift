import ConfigurationKeys
import Sess

/// What the keys say of the cookie, before its rules are checked.
struct CookieSettings: Sendable {
    var name = SessionCookie.standard.name
    var path = SessionCookie.standard.path
    var domain = SessionCookie.standard.domain
    var secure = SessionCookie.standard.secure
    var sameSite = SessionCookie.standard.sameSite
    var httpOnly = SessionCookie.standard.httpOnly
    var persistence = SessionCookie.standard.persistence
    var partitioned = SessionCookie.standard.partitioned
    var priority = SessionCookie.standard.priority
    var alwaysSet = SessionCookie.standard.alwaysSet

    func cookie() throws(SessionError) -> SessionCookie {
        try SessionCookie(
            name: name, path: path, domain: domain, secure: secure, sameSite: sameSite, httpOnly: httpOnly,
            persistence: persistence, partitioned: partitioned, priority: priority, alwaysSet: alwaysSet)
    }

    private static let defaults = CookieSettings()

    static let table = KeyTable<CookieSettings>([
        .init("session.cookie.name", \.name, .text("a cookie's name"), defaults: defaults, "the cookie's name"),
        .init("session.cookie.path", \.path, .text("an absolute path"), defaults: defaults, "the paths it is sent for"),
        .init(
            "session.cookie.domain", \.domain, ConfigurationForm<String>.text("a host name").optional,
            defaults: defaults,
            "the domain it is sent to, with all below it; without it this host only"),
        .init(
            "session.cookie.secure", \.secure, .choice(["auto": .auto, "always": .always, "never": .never]),
            defaults: defaults, "whether it is for TLS only"),
        .init(
            "session.cookie.sameSite", \.sameSite,
            .choice(["lax": .lax, "strict": .strict, "none": .none, "auto": .auto]), defaults: defaults,
            "when it comes with requests that other sites start"),
        .init("session.cookie.httpOnly", \.httpOnly, .flag, defaults: defaults, "whether it is hidden from scripts"),
        .init(
            "session.cookie.persistence", \.persistence,
            .choice(["browserSession": .browserSession, "sessionLifetime": .sessionLifetime]), defaults: defaults,
            "how long browsers keep it"),
        .init(
            "session.cookie.partitioned", \.partitioned, .flag, defaults: defaults,
            "whether it is kept apart for each top-level site"),
        .init(
            "session.cookie.priority", \.priority,
            ConfigurationForm<SessionCookie.Priority>.choice(["low": .low, "medium": .medium, "high": .high]).optional,
            defaults: defaults, "which cookies a browser drops first"),
        .init(
            "session.cookie.alwaysSet", \.alwaysSet, .flag, defaults: defaults,
            "whether every response to a stored session sends it"),
    ])
}
