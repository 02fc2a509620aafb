import Modeler
import ModelerSQLite
import Sess

extension ConfigurationRow {
    private static let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

    static let sessionValues: [ConfigurationRow] = [
        .session([:], "sess 1800.0 seconds") { "\($0.cookie.name) \($0.timeouts.idle ?? .zero)" },
        .session(["SESSION_COOKIE_NAME": "__Host-app", "SESSION_COOKIE_SECURE": "always"], "__Host-app always") {
            "\($0.cookie.name) \($0.cookie.secure)"
        },
        .session(["SESSION_COOKIE_SAME_SITE": "strict"], "strict") { $0.cookie.sameSite },
        .session(["SESSION_COOKIE_HTTP_ONLY": "false"], "false") { $0.cookie.httpOnly },
        .session(["SESSION_COOKIE_PRIORITY": "high"], "high") { $0.cookie.priority ?? .low },
        .session(["SESSION_IDLE_TIMEOUT": "20m"], "1200.0 seconds") { $0.timeouts.idle ?? .zero },
        .session(["SESSION_IDLE_TIMEOUT": "none"], "true") { $0.timeouts.idle == nil },
        .session(["SESSION_ABSOLUTE_TIMEOUT": "7d"], "604800.0 seconds") { $0.timeouts.absolute ?? .zero },
        .session(["SESSION_ANONYMOUS_IDLE_TIMEOUT": "5m"], "300.0 seconds 43200.0 seconds") {
            "\($0.timeouts.anonymous?.idle ?? .zero) \($0.timeouts.anonymous?.absolute ?? .zero)"
        },
        .session(["SESSION_TOKENS_SIGNING_KEYS": "s3cret-s3cret-one,s3cret-s3cret-two"], "2 signing keys") {
            $0.tokens.signingKeys.map { "\($0)" } ?? ""
        },
        .session(["SESSION_TOKENS_TRANSPORTS": "bearer,header:X-Session"], "2") { $0.tokens.transports.count },
        .session(["SESSION_USERS_MAXIMUM_SESSIONS": "5"], "5") { $0.users.maximumSessions ?? 0 },
        .session(["SESSION_STORE_WHEN_DOWN": "readOnly"], "readOnly") { $0.store.whenDown },
        .session(["SESSION_STORE_ENCRYPTION_KEYS": "k1:\(key)"], "keys k1") {
            $0.store.encryptionKeys.map { "\($0)" } ?? ""
        },
        .session(["SESSION_TRUSTED_PROXIES": "10.0.0.0/8,fd00::/8"], "true") {
            $0.trustedProxies == (try? TrustedProxies(["10.0.0.0/8", "fd00::/8"]))
        },
    ]

    static let sessionErrors: [ConfigurationRow] = [
        .malformed(["SESSION_COOKIE_SECURE": "flase"], "session.cookie.secure", "auto, always or never"),
        .malformed(
            ["SESSION_IDLE_TIMEOUT": "1800"], "session.idleTimeout",
            "a duration with its unit (ms, s, m, h, d), 1ms to 36600d, or none"),
        .malformed(
            ["SESSION_TOKENS_SIGNING_KEYS": "s3cret"], "session.tokens.signingKeys",
            "texts of 16 bytes or more, none twice, separated by commas"),
        .malformed(
            ["SESSION_STORE_ENCRYPTION_KEYS": "k1:s3cret"], "session.store.encryptionKeys",
            "keys as NAME:BASE64 of 32 bytes each, separated by commas"),
        .malformed(
            ["SESSION_TRUSTED_PROXIES": "10.0.0.0/99"], "session.trustedProxies",
            "blocks of addresses, as in 10.0.0.0/8,fd00::/8"),
        .malformed(
            ["SESSION_TOKENS_TRANSPORTS": "cookies"], "session.tokens.transports",
            "a list of cookie, bearer and header:NAME"
        ),
        .malformed(
            ["SESSION_USERS_MAXIMUM_SESSIONS": "0"], "session.users.maximumSessions",
            "a whole number of 1 or more, or none"),
        .fails(
            ["SESSION_COOKIE_NAME": "__Host-app"], "session.cookie",
            "a cookie named __Host-… needs secure: .always, no domain and the path '/'"),
        .fails(
            ["SESSION_COOKIE_SAME_SITE": "none", "SESSION_COOKIE_SECURE": "never"], "session.cookie",
            "SameSite=None needs secure: .auto or .always; browsers refuse it otherwise"),
        .fails(
            ["SESSION_TOKENS_ROTATION_INTERVAL": "10s"], "session",
            "tokens.rotationInterval needs a tokens.rotationGrace of a second or more, and is no shorter than it"),
    ]

    static let storeRows: [ConfigurationRow] = [
        .sqlite(["SQLITE_DURABILITY": "normal"], "normal") { $0.durability },
        .sqlite(["SQLITE_MAXIMUM_FILE_BYTES": "none"], "true") { $0.maximumFileBytes == nil },
        .sqlite(["SQLITE_TIMEOUT": "2s"], "2.0 seconds") { $0.timeout },
        .fails([:], "sqlite.path", "it is missing; right is a file's path"),
        .malformed(["SQLITE_PATH": "/no/file", "SQLITE_DURABILITY": "none"], "sqlite.durability", "full or normal"),
        .memory(["MEMORY_MAXIMUM_MODELS": "10", "MEMORY_WHEN_FULL": "refuse"], "10 refuse") {
            "\($0.maximumModels) \($0.whenFull)"
        },
        .malformed(["MEMORY_MAXIMUM_MODELS": "1e6"], "memory.maximumModels", "a whole number of 1 or more"),
    ]
}
