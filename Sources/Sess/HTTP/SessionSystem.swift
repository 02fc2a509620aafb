import HTTPTypes

/// Names one of several session systems of an app, each with a manager and a cookie of its own.
///
/// A token of one is none in another; see ``SessionOptions/Tokens/namespace``. Two systems of one request have cookies
/// of different names or paths, header fields of different names, and not both ``SessionTransport/bearer``: a request
/// that both begin fails with ``SessionError/Code/invalidConfiguration`` otherwise.
///
/// ```swift
/// enum AdminSessions: SessionSystem {}
///
/// router.add(middleware: SessMiddleware(visitors))
/// router.add(middleware: SessMiddleware(admins, system: AdminSessions.self))
/// router.get("/") { _, context in
///     let admin = context.session(of: AdminSessions.self)
///     return "\(context.session.id) \(admin.id)"
/// }
/// ```
public protocol SessionSystem: SendableMetatype {}

extension SessionManager {
    /// What a request's tokens could not be told apart by, if both managers had it; `nil` where there is nothing.
    func ambiguity(with other: SessionManager) -> String? {
        let (cookie, theirs) = (options.cookie, other.options.cookie)
        for transport in options.tokens.transports where other.options.tokens.transports.contains(transport) {
            switch transport {
            case .cookie:
                if cookie.name == theirs.name, cookie.path == theirs.path { return "a cookie of one name and path" }
            case .bearer: return "the bearer transport"
            case .header(let name): return "the header field \(name.rawName) as transport"
            }
        }
        return namespace == other.namespace ? "the name '\(namespace.name)' (namespace)" : nil
    }
}

/// The system of apps that have one: that of a request's `session`.
public enum MainSessions: SessionSystem {}
