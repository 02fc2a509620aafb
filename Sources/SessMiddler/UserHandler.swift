import HTTPTypes
public import Middler
import Sess

/// Finds the app's user of each request whose session somebody is signed in to, and keeps it with the request.
///
/// ```swift
/// middler(server)
///     .add(sess(manager))
///     .add(UserHandler { id in try await accounts.find(id) })
///     .get("/me") { request in try request.requireUser(Account.self).name }
/// ```
///
/// Add it behind the sessions. A user whom the app doesn't find any more is nobody; the session stays as it is. An
/// error of the app's goes on to the chain's `onError`.
public final class UserHandler<User: Sendable>: Handler {
    private let find: @Sendable (String) async throws -> User?

    /// Makes the handler.
    ///
    /// - Parameter find: Finds the user of an id that `Session.signIn(userID:device:since:)` was given.
    public init(_ find: @escaping @Sendable (String) async throws -> User?) {
        self.find = find
    }

    public func handle(_ request: Request, next: Next) async throws -> Response {
        if let userID = request.session.userID, let user = try await find(userID) { request[UserKey<User>.self] = user }
        return try await next(request)
    }
}

private enum UserKey<User: Sendable>: RequestKey { typealias Value = User }

extension Request {
    /// Returns the user who is signed in, as ``UserHandler`` has found it; `nil` for nobody.
    public func user<User: Sendable>(_ type: User.Type = User.self) -> User? { self[UserKey<User>.self] }

    /// Returns the user who is signed in.
    ///
    /// - Throws: `HTTPError` with the status 401 where nobody is.
    public func requireUser<User: Sendable>(_ type: User.Type = User.self) throws -> User {
        guard let user = user(type) else { throw HTTPError(.unauthorized, "Nobody is signed in.") }
        return user
    }
}
