import Foundation
import HTTPTypes
import Hummingbird
import Modeler
import Sess
import SessHummingbird
import Synchronization

/// The accounts of the recipes' app.
final class Users: Sendable {
    private let passwords = Mutex(["alice": "tea", "bob": "milk"])

    func verify(_ name: String, _ password: String) -> Bool { passwords.withLock { $0[name] == password } }

    func setPassword(_ password: String, of name: String?) {
        passwords.withLock { passwords in
            if let name { passwords[name] = password }
        }
    }
}

struct PasswordForm: Decodable {
    var password: String
}

struct DeviceRow: ResponseEncodable {
    var id: String
    var browser: String
    var lastSeen: Date
    var isThisOne: Bool
}

// snippet: signed-in
struct SignedIn: RouterMiddleware {
    typealias Context = BasicSessRequestContext

    @concurrent
    func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard context.session.userID != nil else { throw HTTPError(.unauthorized) }
        var response = try await next(request, context)
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
// end

func addAccount(to router: Router<BasicSessRequestContext>, manager: SessionManager, users: Users) {
    addLogin(to: router, manager: manager, users: users)
    // snippet: logout
    router.post("logout") { _, context in
        try await context.session.signOut()
        context.session.flash("You are signed out.")
        return Response.redirect(to: "/", type: .found)
    }
    // end
    let account = router.group("account").add(middleware: SignedIn())
    // snippet: step-up
    account.post("confirm") { request, context in
        let form = try await request.decode(as: PasswordForm.self, context: context)
        guard let userID = context.session.userID, users.verify(userID, form.password) else {
            throw HTTPError(.unauthorized)
        }
        try context.session.set("confirmed", to: true, expiringAfter: .seconds(300))
        try await context.session.rotate()
        return HTTPResponse.Status.noContent
    }
    account.post("password") { request, context in
        guard context.session["confirmed"] == true else { throw HTTPError(.forbidden) }
        let form = try await request.decode(as: PasswordForm.self, context: context)
        users.setPassword(form.password, of: context.session.userID)
        try await manager.revokeOthers(than: context.session)
        return HTTPResponse.Status.noContent
    }
    // end
    // snippet: devices
    account.get("devices") { _, context in
        let sessions = try await manager.sessions(of: context.session.userID ?? "")
        return sessions.map { session in
            DeviceRow(
                id: session.id.rawValue,
                browser: session.device?.userAgent ?? "unknown",
                lastSeen: session.lastSeen.date,
                isThisOne: session.isCurrent(in: context.session)
            )
        }
    }
    account.delete("devices/:id") { _, context in
        guard let id = try? ModelID(context.parameters.require("id")) else { throw HTTPError(.notFound) }
        let wasThere = try await manager.revoke(id, of: context.session.userID ?? "")
        return wasThere ? HTTPResponse.Status.noContent : .notFound
    }
    // end
}
