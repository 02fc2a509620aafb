public import Logging

/// Where Redis is, how to sign in, and the bounds within which the client works.
public struct RedisConfiguration: Sendable {
    /// Where the server listens.
    public enum Address: Sendable, Hashable {
        /// A host name or IP address, and a TCP port.
        case host(String, port: Int)
        /// The path of a unix domain socket.
        case unixSocket(path: String)
    }

    /// Where the server listens.
    public var address: Address

    /// The ACL user to sign in as. `nil` is the server's `default` user.
    public var username: String?

    /// The password. `nil` sends no AUTH.
    public var password: String?

    /// The number of the logical database.
    public var database = 0

    /// What CLIENT LIST shows for this client. No blanks or control characters.
    public var clientName: String? = "sess"

    /// How many connections the client keeps. Each is pipelined and shared by any number of callers.
    public var connections = 1

    /// How long a connection attempt may take, TLS and the sign-in included.
    public var connectTimeout: Duration = .seconds(1)

    /// How long a command may take, its wait for a connection included.
    public var commandTimeout: Duration = .seconds(2)

    /// How long, within its own timeout, a command waits for a connection while there is none.
    public var disconnectedWait: Duration = .milliseconds(200)

    /// When a reply is overdue by more than this since its command was sent, the connection is given up and
    /// replaced. A command with a longer timeout of its own extends it.
    public var stallTimeout: Duration = .seconds(4)

    /// How long a shutdown waits for replies to commands that were already sent.
    public var shutdownTimeout: Duration = .seconds(2)

    /// How many commands may wait for their reply on one connection.
    public var maximumInFlight = 4096

    /// How many commands may wait to be sent on one connection; one more fails at once as overloaded.
    public var maximumWaiting = 4096

    /// How many bytes the commands that wait to be sent on one connection may have. One alone may have more.
    public var maximumWaitingBytes = 8 << 20

    /// The longest string that the server may send, in bytes.
    public var maximumReplyStringBytes = 16 << 20

    /// Where connection transitions are logged. Never a command, a value or a secret.
    public var logger = Logger(label: "HiredisClient")

    /// A configuration with the defaults for everything but the address.
    public init(address: Address = .host("127.0.0.1", port: 6379)) {
        self.address = address
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomReflectable {
    /// The address, user and database; never the password.
    public var description: String {
        let user = username.map { "\($0)@" } ?? ""
        switch address {
        case .host(let host, let port):
            return "redis://\(user)\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unixSocket(let path): return "unix://\(user)\(path)?db=\(database)"
        }
    }

    /// Shows what ``description`` does, so that a dump has no password either.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
