import RESP

/// The commands that a connection begins with, written at once and before anything else.
enum HandshakeStep: Sendable, Equatable {
    case authenticate
    case name
    case select
    /// Shows whether the server is a master.
    case role
    /// Shows whether the server serves: it may want a sign-in, or still load its data.
    case ping

    /// Why the connection is of no use after this reply; `nil` where it is.
    func refusal(by reply: RESPReply) -> RedisError? {
        switch self {
        case .authenticate:
            if reply.equals("OK") { return nil }
            return refused(reply.kind == .error ? RedisError(answerToSignIn: reply) : nil)
        case .select:
            return reply.equals("OK") ? nil : refused(cause(reply))
        // Sessions need neither a name nor PING: a user or proxy that has neither may well be served.
        case .name:
            return reply.equals("OK") || Self.isDispensable(reply) ? nil : refused(cause(reply))
        case .ping:
            return reply.equals("PONG") || Self.isDispensable(reply) ? nil : refused(cause(reply))
        case .role:
            if case .refused(let error) = RoleCheck.answer(reply) { return refused(error) }
            return nil
        }
    }

    private func cause(_ reply: RESPReply) -> RedisError? { reply.kind == .error ? RedisError(reply: reply) : nil }

    private func refused(_ cause: RedisError?) -> RedisError {
        RedisError(.connectFailed, "the server refused the handshake (\(self))", underlying: cause)
    }

    /// Whether an error only says that this command can't be run, by a missing right, a renamed command, a proxy that
    /// doesn't know it, or a disk that can't be written; and not that the server serves nobody.
    static func isDispensable(_ reply: RESPReply) -> Bool {
        guard reply.kind == .error, let bytes = reply.bytes else { return false }
        switch RedisServerErrorKind(message: bytes) {
        case .noPermission, .misconfigured: return true
        case .other:
            return !bytes.starts(with: "ERR max number of clients".utf8) && !bytes.starts(with: "DENIED".utf8)
        default: return false
        }
    }
}

/// A handshake's bytes and what they ask for.
struct Handshake: Sendable {
    let steps: [HandshakeStep]
    let request: RESPRequest

    init(_ configuration: RedisConfiguration) {
        var steps: [HandshakeStep] = []
        request = RESPRequest.build { encoder in
            if let password = configuration.password {
                steps.append(.authenticate)
                encoder.command("AUTH", argumentCount: configuration.username == nil ? 2 : 3)
                if let username = configuration.username { encoder.argument(username) }
                encoder.argument(password)
            }
            if let name = configuration.clientName {
                steps.append(.name)
                encoder.command("CLIENT", argumentCount: 3)
                encoder.argument("SETNAME")
                encoder.argument(name)
            }
            if configuration.database != 0 {
                steps.append(.select)
                encoder.command("SELECT", argumentCount: 2)
                encoder.argument(configuration.database)
            }
            if !configuration.allowsReplica {
                steps.append(.role)
                encoder.command("ROLE", argumentCount: 1)
            }
            steps.append(.ping)
            encoder.command("PING", argumentCount: 1)
        }
        self.steps = steps
    }
}
