import RESP

/// The commands that a connection begins with, written at once and before anything else.
enum HandshakeStep: Sendable, Equatable {
    case authenticate
    case name
    case select
    /// Shows whether the server serves: it may want a sign-in, or still load its data.
    case ping

    /// Whether the connection is of use after this reply.
    func accepts(_ reply: RESPReply) -> Bool {
        switch self {
        case .authenticate, .select: reply.equals("OK")
        // A user who may not name a connection may well use it.
        case .name: reply.equals("OK") || isRefusal(reply)
        case .ping: reply.equals("PONG")
        }
    }

    private func isRefusal(_ reply: RESPReply) -> Bool {
        guard reply.kind == .error else { return false }
        return RedisServerErrorKind(message: reply.bytes ?? []) == .noPermission
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
            steps.append(.ping)
            encoder.command("PING", argumentCount: 1)
        }
        self.steps = steps
    }
}
