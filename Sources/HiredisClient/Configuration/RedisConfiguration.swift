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

    /// Which servers there are.
    public var topology: RedisTopology

    /// Where a server that announces itself by this address is reached from here, if not there: for servers behind
    /// network address translation or in containers, and for certificates that have names where addresses are
    /// announced. Applied to what Sentinels and nodes of a cluster say, not to what is configured here.
    public var mapAddress: (@Sendable (Address) -> MappedAddress)?

    /// Where a server is reached, and what its certificate is for.
    public struct MappedAddress: Sendable, Hashable {
        /// Where the server is reached.
        public var address: Address
        /// The name that its certificate has. `nil` is the address's host.
        public var serverName: String?

        /// Makes a place to connect to.
        public init(address: Address, serverName: String? = nil) {
            self.address = address
            self.serverName = serverName
        }
    }

    /// How connections are secured. `nil` sends everything, the password included, in plain text.
    public var tls: RedisTLS?

    /// The ACL user to sign in as. `nil` is the server's `default` user.
    public var username: String?

    /// The password. `nil` sends no AUTH.
    public var password: String?

    /// The number of the logical database.
    public var database = 0

    /// What CLIENT LIST shows for this client. No blanks or control characters.
    public var clientName: String? = "sess"

    /// How many connections the client keeps. Each is pipelined and shared by any number of callers. Bulk reads and
    /// subscriptions have one more each, made when it is first needed.
    public var connections = 1

    /// How long a connection attempt may take, TLS and the sign-in included.
    public var connectTimeout: Duration = .seconds(1)

    /// How long a command may take, its wait for a connection included.
    public var commandTimeout: Duration = .seconds(2)

    /// How long, within its own timeout, a command waits for a connection while there is none. The first attempt of all
    /// is waited for as long as ``connectTimeout``, as nothing is known of the server yet.
    public var disconnectedWait: Duration = .milliseconds(200)

    /// After how much silence a connection is tried before it is trusted: a question goes first, and the next command
    /// only once that is answered. A firewall or balancer may have forgotten the connection without a word.
    public var quietInterval: Duration = .seconds(1)

    /// How long such a question may stay without an answer, until the connection is replaced.
    public var probeTimeout: Duration = .milliseconds(500)

    /// When a reply is overdue by this, nothing more is sent on the connection until something comes, and a second one
    /// is tried beside it: where that is answered, the first one is replaced.
    public var overdueInterval: Duration = .milliseconds(500)

    /// When a reply is overdue by more than this since its command was sent, the connection is given up and
    /// replaced. A command with a longer timeout of its own extends it.
    public var stallTimeout: Duration = .seconds(4)

    /// Whether a replica is good enough. By default a connection to one fails, and one whose server becomes a replica
    /// is replaced: what a replica has may be old, or still be on its way.
    public var allowsReplica = false

    /// How old the knowledge that the server is a master may be. When it is older, ROLE goes in front of the next
    /// command, in the same packet.
    public var roleCheckInterval: Duration = .milliseconds(1)

    /// Whether what is read comes from a server that takes writes, or did so within the last second. A read then asks
    /// for it in the same packet, at most once a second for each server; needs Redis 7 or Valkey.
    ///
    /// A master that was cut off from its replicas answers reads, of sessions too that have ended meanwhile on the one
    /// that took its place. ROLE, see ``roleCheckInterval``, tells nothing of that. With `min-replicas-to-write` such a
    /// master refuses writes after `min-replicas-max-lag`, and with this setting reads a second later at most. Without
    /// `min-replicas-to-write` it changes nothing but for the user who may not run ROLE.
    public var fencedReads = false

    /// When a write that ends or hands over somebody's access counts as done.
    public var durability = RedisDurability.acknowledged

    /// Whether the servers are asked once how they are set, by INFO and in a cluster by CONFIG GET, beside all else:
    /// when the client is run as a service, or a collection first uses owners. What may lose records, or bring back
    /// what was removed, is logged, one line with its remedy for each. Nothing waits for it, and nothing fails by it.
    public var checksServer = true

    /// How long a shutdown waits for replies to commands that were already sent.
    public var shutdownTimeout: Duration = .seconds(2)

    /// How many commands may wait for their reply on one connection.
    public var maximumInFlight = 4096

    /// How many bytes the commands in flight on one connection may keep, to be sent again where it is lost: those of
    /// reads and of writes that count once. Beyond it commands wait; the last one may exceed it.
    public var maximumInFlightBytes = 32 << 20

    /// How many commands may wait to be sent on one connection; one more fails at once as overloaded.
    public var maximumWaiting = 4096

    /// How many bytes the commands that wait to be sent on one connection may have. One alone may have more.
    public var maximumWaitingBytes = 8 << 20

    /// The longest string that the server may send, in bytes.
    public var maximumReplyStringBytes = 16 << 20

    /// Where connection transitions are logged. Never a command, a value or a secret.
    public var logger = Logger(label: "HiredisClient")

    /// A configuration of one server, with the defaults for everything else.
    public init(address: Address = .host("127.0.0.1", port: 6379)) {
        self.init(topology: .server(address))
    }

    /// A configuration with the defaults for everything but the servers.
    public init(topology: RedisTopology) {
        self.topology = topology
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomReflectable {
    /// The address, user and database; never the password.
    public var description: String {
        switch topology {
        case .server(let address): description(of: address)
        case .sentinel(let sentinels): "redis+sentinel://\(sentinels)/\(database)"
        case .cluster(let seeds):
            (tls == nil ? "redis" : "rediss") + "+cluster://\(username.map { "\($0)@" } ?? "")"
                + seeds.map(\.description).joined(separator: ",")
        }
    }

    func description(of address: Address) -> String {
        let user = username.map { "\($0)@" } ?? ""
        let scheme = tls == nil ? "redis" : "rediss"
        switch address {
        case .host: return "\(scheme)://\(user)\(address)/\(database)"
        case .unixSocket(let path): return "unix://\(user)\(path)?db=\(database)"
        }
    }

    /// Shows what ``description`` does, so that a dump has no password either.
    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}

extension RedisConfiguration.Address: CustomStringConvertible {
    /// Host and port, or the path.
    public var description: String {
        switch self {
        case .host(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unixSocket(let path): path
        }
    }
}
