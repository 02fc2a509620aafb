import HTTPTypes
import Modeler

extension SessionManager {
    /// The header field that gives the client its token or takes it away; `nil` where there is nothing to say.
    func tokenField(of state: SessionState, cookie: SessionCookie, isSecure: Bool) -> HTTPField? {
        switch (state.standing, state.cookie) {
        case (.stored, let action)
        where action == .issue || cookie.alwaysSet || options.rolling
            || state.doubtfulTokenForClient != nil,
            (.detached, let action) where action == .issue:
            guard !state.isTokenSuperseded, let text = text(of: state) else { return nil }
            switch state.transport {
            case .bearer: return nil
            case .header(let name): return HTTPField(name: name, value: text)
            case .cookie:
                let remaining = keepsCookie(state, cookie) ? state.model.lifetime?.remaining : nil
                let value = cookie.header(token: text, isSecure: isSecure, remaining: remaining)
                return HTTPField(name: .setCookie, value: value)
            }
        case (.fresh, .expire), (.ended, .expire), (.detached, .expire):
            switch state.transport {
            case .bearer: return nil
            case .header(let name): return HTTPField(name: name, value: "")
            case .cookie: return HTTPField(name: .setCookie, value: cookie.expiringHeader(isSecure: isSecure))
            }
        default:
            return nil
        }
    }

    /// Whether the client's cookie lives as long as the session.
    func keepsCookie(_ state: SessionState, _ cookie: SessionCookie) -> Bool {
        cookie.persistence == .sessionLifetime || state.model.fields[SessionMark.persistent] != nil
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
        for field in headerFields[values: .vary] {
            for listed in field.split(separator: ",") {
                let listed = listed.filter { $0 != " " && $0 != "\t" }
                if listed == "*" || listed.lowercased() == name.lowercased() { return }
            }
        }
        headerFields.append(HTTPField(name: .vary, value: name))
    }
}
