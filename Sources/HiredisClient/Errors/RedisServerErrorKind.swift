/// The classes of errors that a Redis server answers, each with what the client does about it.
///
/// Every one is thrown to the caller; the command was not executed unless said otherwise.
public enum RedisServerErrorKind: String, Sendable, Hashable, CaseIterable {
    /// The key lives on another cluster node. The caller's routing must change.
    case moved = "MOVED"
    /// The key is being moved to another cluster node, which may be asked once.
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
    /// The user may not run this command or use this key.
    case noPermission = "NOPERM"
    /// The script is not in the server's cache. The client sends its source once; callers don't see it.
    case noScript = "NOSCRIPT"
    /// The key holds another type of value.
    case wrongType = "WRONGTYPE"
    /// A script runs for longer than the server's limit, and the server takes no other commands; may be tried again.
    case busy = "BUSY"
    /// The server can't write to its disk and refuses writes.
    case misconfigured = "MISCONF"
    /// Anything else. A script's own error may come after some of its writes.
    case other = "ERR"

    init(message: some Collection<UInt8>) {
        let word = String(decoding: message.prefix { $0 != 0x20 }, as: UTF8.self)
        self = RedisServerErrorKind(rawValue: word) ?? .other
    }

    /// Whether the connection is to be replaced once the replies that it owes have come.
    var replacesConnection: Bool {
        switch self {
        case .loading, .masterDown, .readOnly, .noAuth: true
        default: false
        }
    }
}
