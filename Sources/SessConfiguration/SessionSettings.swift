import ConfigurationKeys
import Modeler
import Sess

/// What the keys beside the cookie's say, before it is options.
struct SessionSettings: Sendable {
    var options = SessionOptions()
    var anonymousIdle: Duration?
    var anonymousAbsolute: Duration?
    var proxies: [String] = []

    /// The limits of sessions that nobody has signed in to; where one of the two is left out, it is that of all
    /// sessions.
    func anonymousLimits(_ given: Set<String>) throws(ConfigurationError) -> Expiry? {
        let keys = (idle: "session.anonymous.idleTimeout", absolute: "session.anonymous.absoluteTimeout")
        guard given.contains(keys.idle) || given.contains(keys.absolute) else { return nil }
        return Expiry(
            idle: given.contains(keys.idle) ? anonymousIdle : options.timeouts.idle,
            absolute: given.contains(keys.absolute) ? anonymousAbsolute : options.timeouts.absolute)
    }

    static let table = KeyTable<SessionSettings>(timeouts + tokens + users + store + others)
}
