import Hummingbird
import SessHummingbird

func addDevices(to router: Router<AppContext>, _ manager: SessionManager) {
    router.get("devices") { _, context in
        guard let user = context.session.userID else { throw HTTPError(.unauthorized) }
        let lines = try await manager.sessions(of: user).map { session in
            """
            <li>\(escaped(session.device?.userAgent ?? "unknown")), last seen \(session.lastSeen.date)
            \(session.isCurrent(in: context.session) ? "(this one)" : endForm(session.id))
            """
        }
        return Page(body: "<ul>\(lines.joined())</ul><a href=\"/\">Back</a>")
    }
    router.post("devices/:id/end") { _, context in
        guard let user = context.session.userID else { throw HTTPError(.unauthorized) }
        guard let id = try? ModelID(context.parameters.require("id")) else { throw HTTPError(.notFound) }
        try await manager.revoke(id, of: user)
        return Response.redirect(to: "/devices")
    }
}

private func endForm(_ id: ModelID) -> String {
    "<form method=\"post\" action=\"/devices/\(id)/end\"><button>End</button></form>"
}
