extension RedisConfiguration {
    /// Throws for the first setting that is out of its range.
    package func check() throws(RedisConfigurationError) {
        switch topology {
        case .server(let address):
            try check(address)
        case .sentinel(let sentinels):
            try require(!sentinels.addresses.isEmpty, "no Sentinel is named; give the addresses of all")
            for address in sentinels.addresses { try check(address) }
            try require(!sentinels.masterName.isEmpty, "the master's name is missing, which the Sentinels know it by")
            try require(sentinels.username == nil || sentinels.password != nil, "a user name needs a password")
            try require(!allowsReplica, "Sentinels name a master, so allowsReplica has no use with them")
        case .cluster(let seeds):
            try require(!seeds.isEmpty, "no node of the cluster is named; give the addresses of several")
            for address in seeds { try check(address) }
            try require(database == 0, "a Redis Cluster has no other database than 0")
            try require(!allowsReplica, "of a cluster only masters are asked, so allowsReplica has no use with it")
        }
        try require(database >= 0, "database \(database) is negative; databases count from 0")
        try require(username == nil || password != nil, "a user name needs a password")
        if let clientName {
            let isClean = clientName.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            try require(isClean && !clientName.isEmpty, "the client name may have visible ASCII characters only")
        }
        try require((1...256).contains(connections), "connections must be within 1...256")
        let waits = [
            connectTimeout, commandTimeout, disconnectedWait, stallTimeout, roleCheckInterval, quietInterval,
            probeTimeout, overdueInterval,
        ]
        try require(waits.allSatisfy { $0 > .zero }, "every timeout and interval must be longer than zero")
        try require(waits.allSatisfy { $0 <= .seconds(86_400) }, "no timeout or interval may be longer than a day")
        try require(shutdownTimeout >= .zero, "the shutdown timeout must not be negative")
        if case .replicated(let minimum, let limit) = durability {
            try require((1...1000).contains(minimum), "the minimum of replicas that confirm must be within 1...1000")
            try require(
                limit >= .milliseconds(1) && limit <= overdueInterval / 2,
                "the time for replicas to confirm must be within a millisecond and half of the overdueInterval"
            )
        }
        try require(maximumInFlight > 0 && maximumWaiting > 0, "the bounds on commands must be at least 1")
        try require(maximumInFlightBytes > 0, "the bound on bytes in flight must be at least 1")
        try require(maximumWaitingBytes > 0, "the bound on waiting bytes must be at least 1")
        try require(maximumReplyStringBytes > 0, "the bound on a reply's string must be at least 1 byte")
    }

    private func check(_ address: Address) throws(RedisConfigurationError) {
        switch address {
        case .host(let host, let port):
            try require(!host.isEmpty, "the host is empty; give a name or an IP address")
            try require((1...65535).contains(port), "port \(port) is not within 1...65535")
        case .unixSocket(let path):
            try require(path.hasPrefix("/"), "the socket's path must be absolute, as in unix:///run/redis.sock")
            try require(
                tls == nil || tls?.verification != .full || tls?.serverName != nil,
                "TLS by a socket needs the name that the server's certificate has, as tls.serverName")
        }
    }

    private func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(RedisConfigurationError) {
        guard holds else { throw RedisConfigurationError(.invalidValue, message()) }
    }
}
