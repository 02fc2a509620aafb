extension RedisConfiguration {
    /// Throws for the first setting that is out of its range.
    func check() throws(RedisConfigurationError) {
        switch address {
        case .host(let host, let port):
            try require(!host.isEmpty, "the host is empty; give a name or an IP address")
            try require((1...65535).contains(port), "port \(port) is not within 1...65535")
        case .unixSocket(let path):
            try require(path.hasPrefix("/"), "the socket's path must be absolute, as in unix:///run/redis.sock")
        }
        try require(database >= 0, "database \(database) is negative; databases count from 0")
        try require(username == nil || password != nil, "a user name needs a password")
        if let clientName {
            let isClean = clientName.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            try require(isClean && !clientName.isEmpty, "the client name may have visible ASCII characters only")
        }
        try require((1...256).contains(connections), "connections must be within 1...256")
        let waits = [connectTimeout, commandTimeout, disconnectedWait, stallTimeout]
        try require(waits.allSatisfy { $0 > .zero }, "every timeout must be longer than zero")
        try require(waits.allSatisfy { $0 <= .seconds(86_400) }, "no timeout may be longer than a day")
        try require(shutdownTimeout >= .zero, "the shutdown timeout must not be negative")
        try require(maximumInFlight > 0 && maximumWaiting > 0, "the bounds on commands must be at least 1")
        try require(maximumWaitingBytes > 0, "the bound on waiting bytes must be at least 1")
        try require(maximumReplyStringBytes > 0, "the bound on a reply's string must be at least 1 byte")
    }

    private func require(_ holds: Bool, _ message: @autoclosure () -> String) throws(RedisConfigurationError) {
        guard holds else { throw RedisConfigurationError(.invalidValue, message()) }
    }
}
