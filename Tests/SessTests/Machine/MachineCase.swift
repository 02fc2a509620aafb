@testable import Sess

/// A request that comes late: what it does while another ends the session or replaces its token.
struct LateCase: Sendable, CustomStringConvertible {
    let name: String
    let program: [MachineVerb]
    var description: String { name }

    static let all = [
        LateCase(name: "read", program: []),
        LateCase(name: "set", program: [.set("x", 1)]),
        LateCase(name: "save", program: [.set("x", 1), .save, .set("y", 2)]),
        LateCase(name: "touch", program: [.touch]),
        LateCase(name: "reload", program: [.reload, .set("x", 1)]),
        LateCase(name: "increment", program: [.increment("x")]),
        LateCase(name: "update", program: [.update("x")]),
        LateCase(name: "enter", program: [.enter(7), .set("x", 1)]),
        LateCase(name: "remember", program: [.remember]),
        LateCase(name: "unset", program: [.unset("seen")]),
    ]

    static let endings = [
        LateCase(name: "destroy", program: [.destroy]),
        LateCase(name: "drop", program: [.drop]),
        LateCase(name: "regenerate", program: [.destroy, .set("x", 1)]),
    ]

    static let replacements = [
        LateCase(name: "rotate", program: [.rotate(.zero)]),
        LateCase(name: "grace", program: [.rotate(.seconds(600))]),
        LateCase(name: "signIn", program: [.signIn("alice")]),
        LateCase(name: "another user", program: [.signIn("bob")]),
    ]
}

/// Options that have responses say more, or requests write more.
enum MachineOptions: CaseIterable {
    case plain, renewing, rolling, alwaysSet, persistent, rotating

    func make() throws -> SessionOptions {
        var options = SessionOptions()
        switch self {
        case .plain: break
        case .renewing: options.timeouts.renewalWindow = .milliseconds(1)
        case .rolling: options.rolling = true
        case .alwaysSet: options.cookie = try SessionCookie(alwaysSet: true)
        case .persistent:
            options.cookie = try SessionCookie(persistence: .sessionLifetime)
            options.timeouts.renewalWindow = .milliseconds(1)
        case .rotating: options.tokens.rotationInterval = .seconds(60)
        }
        return options
    }

    /// Whether a response may bring a token though its request has asked for none.
    var repeatsToken: Bool {
        switch self {
        case .plain, .renewing: false
        case .rolling, .alwaysSet, .persistent, .rotating: true
        }
    }
}
