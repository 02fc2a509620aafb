import HTTPTypes
import Modeler
import RedisTestServer
import Sess
import SessTestSupport

/// Routes that begin, replace, end and use a session.
enum TokenRoutes {
    static func add(to app: AppRoutes, _ site: TokenSite) {
        app.post("/begin") { request in
            request.session["begun"] = true
            return "\(request.session.id)"
        }
        app.post("/sign-in/:user") { request in
            try await request.session.signIn(userID: request.parameter("user") ?? "")
            return "\(request.session.id)"
        }
        app.post("/remember/:user") { request in
            try await request.session.signIn(userID: request.parameter("user") ?? "")
            try request.session.remember()
            return "\(request.session.id)"
        }
        app.post("/rotate/:milliseconds") { request in
            let grace = Int(request.parameter("milliseconds") ?? "") ?? 0
            try await request.session.rotate(grace: .milliseconds(grace))
            return "\(request.session.id)"
        }
        app.get("/who") { request in request.session.userID ?? "nobody" }
        app.get("/id") { request in "\(request.session.id)" }
        app.get("/names") { request in request.session.names.sorted().joined(separator: " ") }
        app.post("/set/:name") { request in
            request.session[request.parameter("name") ?? ""] = true
            return "\(request.session.id)"
        }
        app.post("/do/:deed") { request in try await Self.run(request) }
        // One that stops once it has begun, at the place of the name.
        app.post("/late/:deed/:place") { request in
            try await site.gates.pass(request.parameter("place") ?? "")
            return try await Self.run(request)
        }
    }

    private static func run(_ request: AppRequest) async throws -> String {
        guard let deed = TokenDeed(rawValue: request.parameter("deed") ?? "") else { throw AppRefusal(.notFound) }
        try await deed.run(request.session)
        return "\(request.session.isDetached)"
    }
}

/// What a request may do with its session.
enum TokenDeed: String, Sendable, CaseIterable {
    case nothing, read, write, save, increment, update, touch, reload, reloadAndWrite, remember
    case destroy, signOut, regenerate, regenerateAndWrite, drop

    /// Those that end nothing.
    static let uses: [TokenDeed] = [
        .nothing, .read, .write, .save, .increment, .update, .touch, .reload, .reloadAndWrite, .remember,
    ]
    static let ends: [TokenDeed] = [.destroy, .signOut, .regenerate, .drop]

    func run(_ session: Session) async throws {
        switch self {
        case .nothing: break
        case .read: _ = session["begun"]
        case .write: session["late"] = true
        case .save:
            session["late"] = true
            try await session.save()
        case .increment: try await session.increment("late")
        case .update: try await session.update { $0["late", default: 0] += 1 }
        case .touch: try await session.touch()
        case .reload: try await session.reload()
        case .reloadAndWrite:
            try await session.reload()
            session["late"] = true
        case .remember:
            session["late"] = true
            try session.remember()
        case .destroy: try await session.destroy()
        case .signOut: try await session.signOut()
        case .regenerate: try await session.regenerate()
        case .regenerateAndWrite:
            try await session.regenerate()
            session["regenerated"] = true
        case .drop: session.drop()
        }
    }
}

/// Options by which a response says more of the cookie than it has to.
enum CookieCase: String, Sendable, CaseIterable {
    case standard, rolling, alwaysSet, persistent, remembered, all

    /// Those of an everyday run.
    static var usual: [CookieCase] { TestScale.factor > 1 ? allCases : [.standard, .remembered, .all] }

    var signIn: String { self == .remembered ? "/remember" : "/sign-in" }

    func configure(_ options: inout SessionOptions) throws {
        // A renewal is due whenever a millisecond has passed.
        options.timeouts.expiry = Expiry(idle: .seconds(1000), absolute: .seconds(10_000))
        options.timeouts.anonymous = nil
        switch self {
        case .standard: break
        case .rolling: options.rolling = true
        case .alwaysSet: options.cookie = try SessionCookie(alwaysSet: true)
        case .persistent:
            options.cookie = try SessionCookie(persistence: .sessionLifetime)
            options.timeouts.renewalWindow = .milliseconds(1)
        case .remembered: options.timeouts.renewalWindow = .milliseconds(1)
        case .all:
            options.cookie = try SessionCookie(persistence: .sessionLifetime, alwaysSet: true)
            options.rolling = true
            options.timeouts.renewalWindow = .milliseconds(1)
        }
    }
}
