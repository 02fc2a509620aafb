import HTTPTypes
import Modeler

extension SessionManager {
    /// The header field that gives the client its token or takes it away; `nil` where there is nothing to say.
    ///
    /// A token is sent only where this request has made it, or where a write of this request has confirmed that it is
    /// the current one. It is taken away only by the request that has ended the session.
    func tokenField(of machine: SessionMachine, cookie: SessionCookie, isSecure: Bool) -> HTTPField? {
        switch news(of: machine, cookie) {
        case .none: nil
        case .token(let text):
            switch machine.exchange.transport {
            case .bearer: nil
            case .header(let name): HTTPField(name: name, value: text)
            case .cookie:
                HTTPField(
                    name: .setCookie,
                    value: cookie.header(
                        token: text, isSecure: isSecure, remaining: cookieLifetime(of: machine, cookie)))
            }
        case .end:
            switch machine.exchange.transport {
            case .bearer: nil
            case .header(let name): HTTPField(name: name, value: "")
            case .cookie: HTTPField(name: .setCookie, value: cookie.expiringHeader(isSecure: isSecure))
            }
        }
    }

    /// What a response has to tell the client.
    private enum News {
        case none
        case token(String)
        case end
    }

    private func news(of machine: SessionMachine, _ cookie: SessionCookie) -> News {
        let hasRecord: Bool
        switch machine.phase {
        case .stored, .detached(_, .dropped(.some)): hasRecord = true
        case .fresh, .ended, .detached: hasRecord = false
        }
        guard hasRecord, !machine.client.isGraced, isTold(machine, cookie), let text = text(of: machine.client) else {
            return machine.exchange.hasEnded && !(hasRecord && machine.exchange.hasIssued) ? .end : .none
        }
        return .token(text)
    }

    /// Whether the client is to be told its token.
    private func isTold(_ machine: SessionMachine, _ cookie: SessionCookie) -> Bool {
        if machine.exchange.hasIssued || machine.client.tokenInDoubt != nil { return true }
        guard machine.exchange.isConfirmed else { return false }
        if machine.exchange.resends || options.rolling || cookie.alwaysSet { return true }
        // A cookie that lives as long as the session is told of each new deadline.
        return machine.exchange.hasNewDeadline && keepsCookie(machine, cookie)
    }

    /// How long the client is to keep the cookie; `nil` until the browser's session ends.
    private func cookieLifetime(of machine: SessionMachine, _ cookie: SessionCookie) -> Duration? {
        guard keepsCookie(machine, cookie) else { return nil }
        return SessionCookie.age(machine.model.lifetime?.remaining)
    }

    /// Whether the client's cookie lives as long as the session.
    private func keepsCookie(_ machine: SessionMachine, _ cookie: SessionCookie) -> Bool {
        cookie.persistence == .sessionLifetime || machine.fields.contains(ReservedField.persistent)
    }

    static func addVary(_ transports: [SessionTransport], to headerFields: inout HTTPFields) {
        for transport in transports {
            switch transport {
            case .cookie: addVary("Cookie", to: &headerFields)
            case .bearer: addVary("Authorization", to: &headerFields)
            case .header(let name): addVary(name.rawName, to: &headerFields)
            }
        }
    }

    private static func addVary(_ name: String, to headerFields: inout HTTPFields) {
        // A walk over the fields: their look-up by name would first build an index of them all.
        for field in headerFields where field.name == .vary {
            for listed in field.value.split(separator: ",") {
                let listed = listed.filter { $0 != " " && $0 != "\t" }
                if listed == "*" || listed.lowercased() == name.lowercased() { return }
            }
        }
        headerFields.append(HTTPField(name: .vary, value: name))
    }
}
