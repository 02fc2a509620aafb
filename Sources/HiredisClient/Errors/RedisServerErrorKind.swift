/// The classes of errors that a Redis server answers, each with what the client does about it.
///
/// Every one is thrown to the caller; the command was not executed unless said otherwise. An error inside a script is
/// of the kind that the command in it was answered, on every version of the server.
public enum RedisServerErrorKind: String, Sendable, Hashable, CaseIterable {
    /// The key is another cluster node's. A client of the cluster goes there; one of a single server can't.
    case moved = "MOVED"
    /// The key is being moved to another cluster node, which may be asked once. A client of the cluster does so.
    case ask = "ASK"
    /// The keys are split between two cluster nodes for the moment; may be tried again.
    case tryAgain = "TRYAGAIN"
    /// The cluster serves no requests; may be tried again.
    case clusterDown = "CLUSTERDOWN"
    /// The server still loads its data. The client replaces the connection, and a new one waits for the data.
    case loading = "LOADING"
    /// A replica without its master. The client replaces the connection, so that the address is resolved anew.
    case masterDown = "MASTERDOWN"
    /// A write was sent to a replica. The client replaces the connection, so that the address is resolved anew.
    case readOnly = "READONLY"
    /// Too few replicas are connected for a write; may be tried again.
    case noReplicas = "NOREPLICAS"
    /// Redis has no memory for a write. Reads and deletions go on.
    case outOfMemory = "OOM"
    /// The connection is not signed in. The client replaces it, which signs in anew.
    case noAuth = "NOAUTH"
    /// User name or password are wrong. Seen while connecting; tried again with the usual back-off.
    case wrongPassword = "WRONGPASS"
    /// The user may not run this command or use this key. In a script, what came before it was executed.
    case noPermission = "NOPERM"
    /// The script is not in the server's cache. The client sends its source once; callers don't see it.
    case noScript = "NOSCRIPT"
    /// The key holds another type of value. In a script, what came before it was executed.
    case wrongType = "WRONGTYPE"
    /// A script runs for longer than the server's limit, and the server takes no other commands; may be tried again.
    case busy = "BUSY"
    /// The server can't write to its disk and refuses writes.
    case misconfigured = "MISCONF"
    /// Anything else. A script's own error may come after some of its writes.
    case other = "ERR"

    init(message: some Collection<UInt8>) {
        let text = String(decoding: message.prefix(256), as: UTF8.self)
        let body = Self.withoutScriptPrefix(text[...])
        let word = body.prefix { $0 != " " }
        if let kind = RedisServerErrorKind(rawValue: String(word)), kind != .other {
            self = kind
        } else {
            self = Self.isDeniedInScript(body) ? .noPermission : .other
        }
    }

    /// The error within a script's error, which a server older than Redis 7 wraps:
    /// `ERR Error running script (call to f_…): @user_script:192: @user_script: 192: -READONLY …`.
    private static func withoutScriptPrefix(_ text: Substring) -> Substring {
        let start = "ERR Error running script (call to f_"
        guard text.hasPrefix(start), let end = text.firstRange(of: "): ") else { return text }
        var rest = text[end.upperBound...]
        while rest.hasPrefix("@user_script:") {
            let place = rest.dropFirst("@user_script:".count).drop { $0 == " " }
            let tail = place.drop { $0.isNumber }
            guard tail.startIndex > place.startIndex, tail.hasPrefix(": ") else { return text }
            rest = tail.dropFirst(2)
        }
        return rest.hasPrefix("-") ? rest.dropFirst() : rest
    }

    /// Whether a script ran into a missing right, for which servers have no word of their own.
    private static func isDeniedInScript(_ text: Substring) -> Bool {
        let body = text.hasPrefix("ERR ") ? text.dropFirst(4) : text
        return body.hasPrefix("The user executing the script can't ") || body.hasPrefix("ACL failure in script: ")
    }

    /// Whether the connection is to be replaced once the replies that it owes have come.
    var replacesConnection: Bool {
        switch self {
        case .loading, .masterDown, .readOnly, .noAuth: true
        default: false
        }
    }
}
