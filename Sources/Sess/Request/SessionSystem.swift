/// Names one of several session systems of an app, each with a manager and a cookie of its own.
///
/// ```swift
/// enum AdminSessions: SessionSystem {}
///
/// router.add(middleware: SessionMiddleware(visitors))
/// router.add(middleware: SessionMiddleware(admins, system: AdminSessions.self))
/// router.get("/") { _, context in
///     let admin = context.session(of: AdminSessions.self)
///     return "\(context.session.id) \(admin.id)"
/// }
/// ```
public protocol SessionSystem: SendableMetatype {}

/// The system of apps that have one: that of a request's `session`.
public enum MainSessions: SessionSystem {}
