public import Hummingbird
import Sess

/// Finds the app's user of each request whose session somebody is signed in to, and puts it into the context.
///
/// ```swift
/// let router = Router(context: BasicSessUserRequestContext<Account>.self)
/// router.add(middleware: SessMiddleware(manager))
/// router.add(middleware: SessUserMiddleware { id in try await accounts.find(id) })
/// router.get("/me") { _, context in try context.requireUser().name }
/// ```
///
/// Add it behind ``SessMiddleware``. A user whom the app doesn't find any more is nobody; the session stays as it is.
/// An error of the app's passes through.
public struct SessUserMiddleware<Context: SessUserRequestContext>: RouterMiddleware {
    private let find: @Sendable (String) async throws -> Context.User?

    /// Makes the middleware.
    ///
    /// - Parameter find: Finds the user of an id that `Session.signIn(userID:device:since:)` was given.
    public init(_ find: @escaping @Sendable (String) async throws -> Context.User?) {
        self.find = find
    }

    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let userID = context.session.userID, let user = try await find(userID) else {
            return try await next(request, context)
        }
        var context = context
        context.user = user
        return try await next(request, context)
    }
}
