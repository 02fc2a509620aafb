import HiredisClient
import RESP

/// What INFO says: names and values.
struct ServerInformation {
    private var values: [Substring: Substring] = [:]

    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[colon...].dropFirst()
        }
    }

    subscript(name: String) -> String? { values[Substring(name)].map(String.init) }

    /// Empty where the user may not ask.
    static func read(_ client: RedisClient) async -> ServerInformation {
        guard case .answer(let reply) = await client.asking("INFO"), let text = reply.string else {
            return ServerInformation("")
        }
        return ServerInformation(text)
    }
}

/// An answer to a command, or none.
enum Answer {
    case answer(RESPReply)
    case refused(RedisError)
}

extension RedisClient {
    /// Asks the server something that the user may lack the right to.
    func asking(_ words: String...) async -> Answer {
        let request = RESPRequest.build { encoder in
            encoder.command(argumentCount: words.count)
            for word in words { encoder.argument(word) }
        }
        do throws(RedisError) {
            return .answer(try await send(request, retry: .always).reply)
        } catch {
            return .refused(error)
        }
    }
}

extension RedisConfiguration.Address {
    /// Whether nothing of a connection leaves this machine.
    var isOnThisMachine: Bool {
        switch self {
        case .unixSocket: true
        case .host(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
        }
    }
}
