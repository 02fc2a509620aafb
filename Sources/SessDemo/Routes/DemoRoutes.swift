import HTTPTypes
import Modeler
import Sess

/// The demo's routes, each over the session of whoever asks.
struct DemoRoutes: Sendable {
    let node: String
    let manager: SessionManager
    let store: DemoStore
    /// Another node that shares the sessions; `nil` for none.
    let peer: PeerNode?

    /// The paths whose requests take no part in sessions.
    static let sessionless: Set<String> = ["/health", "/demo.js", "/demo.css"]

    /// All routes, for whichever adapter.
    var table: [DemoRoute] {
        let own = [
            DemoRoute(method: .get, path: "/health") { _ in try await health() },
            DemoRoute(method: .get, path: "/") { request in try await home(request.session) },
            DemoRoute(method: .get, path: "/demo.js") { _ in .file(DemoScript.text, type: "text/javascript") },
            DemoRoute(method: .get, path: "/demo.css") { _ in .file(DemoStyle.text, type: "text/css") },
            DemoRoute(method: .get, path: "/state") { request in
                .json(try await DemoState(request.session, node: node, peer: peer, manager: manager))
            },
            DemoRoute(method: .get, path: "/events") { request in events(request.session) },
        ]
        return own + Self.session + Self.signIn + devices + writers
    }

    private static let session: [DemoRoute] = [
        DemoRoute(method: .get, path: "/session") { request in try SessionJSON.response(request.session) },
        DemoRoute(method: .post, path: "/session") { request in
            let members = try await SessionJSON.members(of: request)
            try SessionJSON.set(members, in: request.session)
            try await request.session.ifAttached { session throws(SessionError) in try await session.save() }
            return try SessionJSON.response(request.session)
        },
        DemoRoute(method: .delete, path: "/session") { request in
            try await request.session.ifAttached { session throws(SessionError) in try await session.destroy() }
            return DemoResponse(status: .noContent)
        },
        DemoRoute(method: .post, path: "/session/increment") { request in
            let field = try DemoQuery.field(request)
            let amount = try DemoQuery.amount(request)
            do {
                try await request.session.increment(field, by: amount)
            } catch let error as SessionError where error.code == .invalidField {
                throw DemoRefusal(message: "The field '\(field)' can't be incremented by \(amount).")
            }
            return try SessionJSON.response(request.session)
        },
        DemoRoute(method: .post, path: "/session/rotate") { request in
            try await request.session.ifAttached { session throws(SessionError) in try await session.rotate() }
            if request.acceptsHTML { return DemoForm.done("rotated", request) }
            return try SessionJSON.response(request.session)
        },
        DemoRoute(method: .post, path: "/session/regenerate") { request in
            try await request.session.ifAttached { session throws(SessionError) in try await session.regenerate() }
            return try SessionJSON.response(request.session)
        },
        DemoRoute(method: .post, path: "/session/slow") { request in
            let members = try await SessionJSON.members(of: request)
            try await Task.sleep(for: DemoQuery.delay(request))
            try SessionJSON.set(members, in: request.session)
            try await request.session.ifAttached { session throws(SessionError) in try await session.save() }
            return try SessionJSON.response(request.session)
        },
    ]

    private static let signIn: [DemoRoute] = [
        DemoRoute(method: .get, path: "/whoami") { request in
            .text(request.session.userID ?? "nobody")
        },
        DemoRoute(method: .post, path: "/sign-in") { request in
            let name = try await DemoForm.name(of: request)
            do {
                try await request.session.ifAttached { session throws(SessionError) in
                    try await signIn(name, session, SessionDevice(request))
                }
            } catch let error as SessionError where error.code == .invalidUser {
                throw DemoRefusal(message: "A name has at most 256 bytes.")
            }
            return DemoForm.done("signed in", request)
        },
        // Not by GET: a link on any page could then sign its reader out.
        DemoRoute(method: .post, path: "/sign-out") { request in
            try await request.session.ifAttached { session throws(SessionError) in try await session.signOut() }
            return DemoForm.done("signed out", request)
        },
    ]

    /// Signs a user in, in a session of their own where the request's has ended meanwhile: the form was sent twice,
    /// say.
    private static func signIn(
        _ name: String, _ session: Session, _ device: SessionDevice
    ) async throws(SessionError) {
        do {
            try await session.signIn(userID: name, device: device)
        } catch  where error.code == .gone {
            if !session.isDetached { try await session.regenerate() }
            try await session.signIn(userID: name, device: device)
        }
    }

    private func home(_ session: Session) async throws -> DemoResponse {
        // A request that can't have a session gets the page too.
        let visits = session.isDetached ? 1 : try await session.increment("visits")
        let state = try await DemoState(session, node: node, peer: peer, manager: manager)
        return HomePage(state: state, visits: visits).response
    }

    private func health() async throws -> DemoResponse {
        let problem = await store.problem()
        var members: [JSONMembers.Element] = [
            ("status", try EncodedJSON(encoding: problem == nil ? "ok" : "down")),
            ("node", try EncodedJSON(encoding: node)),
            ("store", try EncodedJSON(encoding: store.kind)),
        ]
        if let problem { members.append(("reason", try EncodedJSON(encoding: problem))) }
        var response = SessionJSON.response(problem == nil ? .ok : .serviceUnavailable, members)
        response.headerFields[.cacheControl] = "no-store"
        return response
    }
}

extension SessionDevice {
    fileprivate init(_ request: DemoRequest) {
        self.init(address: request.remoteAddress, userAgent: request.headerFields[.userAgent])
    }
}

extension Session {
    /// Asks the store, but for a request that takes no part in sessions: it is answered like any other, and nothing is
    /// kept.
    func ifAttached(
        _ operation: (Session) async throws(SessionError) -> Void
    ) async throws(SessionError) {
        do {
            try await operation(self)
        } catch  where error.code == .detached {
            return
        }
    }
}
