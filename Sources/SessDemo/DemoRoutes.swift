import HTTPTypes
import Hummingbird
import Modeler
import Sess
import SessHummingbird

/// The demo's routes, each over `context.session`.
struct DemoRoutes: Sendable {
    typealias Context = BasicSessionRequestContext

    let node: String
    let manager: SessionManager
    let store: DemoStore

    func router() -> Router<Context> {
        let router = Router(context: Context.self)
        router.add(middleware: SessionMiddleware(manager, skip: { $0.uri.path == "/health" }))
        router.get("health") { _, _ in try await health() }
        router.get("/") { _, context in try await home(context.session) }
        addSession(to: router.group("session"))
        addSignIn(to: router)
        return router
    }

    private func addSession(to group: RouterGroup<Context>) {
        group.get { _, context in try SessionJSON.response(context.session) }
        group.post { request, context in
            let members = try await SessionJSON.members(of: request)
            try SessionJSON.set(members, in: context.session)
            try await context.session.ifAttached { session throws(SessionError) in try await session.save() }
            return try SessionJSON.response(context.session)
        }
        group.delete { _, context in
            try await context.session.ifAttached { session throws(SessionError) in try await session.destroy() }
            return HTTPResponse.Status.noContent
        }
        group.post("increment") { request, context in
            let field = try DemoQuery.field(request)
            let amount = try DemoQuery.amount(request)
            do {
                try await context.session.increment(field, by: amount)
            } catch let error as SessionError where error.code == .invalidField {
                throw HTTPError(.badRequest, message: "The field '\(field)' can't be incremented by \(amount).")
            }
            return try SessionJSON.response(context.session)
        }
        group.post("rotate") { _, context in
            try await context.session.ifAttached { session throws(SessionError) in try await session.rotate() }
            return try SessionJSON.response(context.session)
        }
        group.post("regenerate") { _, context in
            try await context.session.ifAttached { session throws(SessionError) in try await session.regenerate() }
            return try SessionJSON.response(context.session)
        }
        group.post("slow") { request, context in
            let members = try await SessionJSON.members(of: request)
            try await Task.sleep(for: DemoQuery.delay(request))
            try SessionJSON.set(members, in: context.session)
            try await context.session.ifAttached { session throws(SessionError) in try await session.save() }
            return try SessionJSON.response(context.session)
        }
    }

    private func addSignIn(to router: Router<Context>) {
        router.get("whoami") { _, context in
            context.session["name", as: String.self] ?? "nobody"
        }
        router.post("sign-in") { request, context in
            let name = try await DemoForm.name(of: request)
            context.session["name", as: String.self] = name
            try await context.session.ifAttached { session throws(SessionError) in try await session.rotate() }
            return DemoForm.done("signed in", request)
        }
        router.get("sign-out") { request, context in
            try await context.session.ifAttached { session throws(SessionError) in try await session.destroy() }
            return DemoForm.done("signed out", request)
        }
    }

    private func home(_ session: Session) async throws -> Response {
        // A request that can't have a session gets the page too.
        let visits = session.isDetached ? 1 : try await session.increment("visits")
        let page = HomePage(node: node, visits: visits, name: session["name", as: String.self])
        return page.response
    }

    private func health() async throws -> Response {
        let problem = await store.problem()
        var members: [JSONMembers.Element] = [
            ("status", try EncodedJSON(encoding: problem == nil ? "ok" : "down")),
            ("node", try EncodedJSON(encoding: node)),
            ("store", try EncodedJSON(encoding: store.kind)),
        ]
        if let problem { members.append(("reason", try EncodedJSON(encoding: problem))) }
        var response = SessionJSON.response(problem == nil ? .ok : .serviceUnavailable, members)
        response.headers[.cacheControl] = "no-store"
        return response
    }
}

extension Session {
    /// Asks the store, but for a request that takes no part in sessions: it is answered like any other, and nothing is
    /// kept.
    fileprivate func ifAttached(
        _ operation: (Session) async throws(SessionError) -> Void
    ) async throws(SessionError) {
        do {
            try await operation(self)
        } catch  where error.code == .detached {
            return
        }
    }
}
