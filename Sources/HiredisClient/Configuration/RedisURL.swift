/// Reads the URLs that name a Redis server. Pure text work; every message leaves user-supplied secrets out.
struct RedisURL {
    private(set) var configuration = RedisConfiguration()
    private var hasDatabase = false

    init(_ text: String) throws(RedisConfigurationError) {
        guard let mark = text.firstRange(of: "://") else {
            throw RedisURL.malformed("there is no scheme; begin with redis:// or unix://")
        }
        let scheme = text[..<mark.lowerBound].lowercased()
        var rest = text[mark.upperBound...]
        guard !rest.contains("#") else { throw RedisURL.malformed("it has a fragment; write # as %23") }
        var query: Substring?
        if let start = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: start)...]
            rest = rest[..<start]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        let path = rest[slash...]
        // The last @ ends the user, so that a password which holds one, undecoded, is still no part of the host.
        if let at = authority.lastIndex(of: "@") {
            try readUser(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        do throws(RedisConfigurationError) {
            try readPlace(scheme, authority, path)
        } catch {
            // An @ behind the host: the host's end was none.
            guard path.contains("@") || query?.contains("@") == true else { throw error }
            throw RedisURL.malformed("in a user name or password write / as %2F and ? as %3F")
        }
        try readQuery(query)
        try configuration.check()
    }

    static func malformed(_ message: String) -> RedisConfigurationError {
        RedisConfigurationError(.malformedURL, "the Redis URL can't be read: \(message)")
    }
}

extension RedisURL {
    /// Reads where the servers are: what stands between user and parameters.
    private mutating func readPlace(
        _ scheme: String, _ authority: Substring, _ path: Substring
    ) throws(RedisConfigurationError) {
        if scheme.hasPrefix("rediss") || scheme.hasPrefix("valkeys") { configuration.tls = RedisTLS() }
        switch scheme {
        case "redis", "valkey", "rediss", "valkeys":
            configuration.topology = .server(try RedisURL.address(authority, defaultPort: 6379))
            try readDatabase(path)
        case "redis+sentinel", "rediss+sentinel", "valkey+sentinel", "valkeys+sentinel":
            try readSentinels(authority, path)
        case "redis+cluster", "rediss+cluster", "valkey+cluster", "valkeys+cluster":
            configuration.topology = .cluster(seeds: try RedisURL.addresses(authority, defaultPort: 6379))
            try readDatabase(path)
        case "unix", "redis+unix":
            guard authority.isEmpty, path.count > 1 else {
                throw RedisURL.malformed("a socket's path is absolute: unix:///run/redis.sock")
            }
            configuration.topology = .server(.unixSocket(path: try RedisURL.decode(path, "the path")))
        default:
            throw RedisConfigurationError(
                .unsupportedScheme,
                """
                the scheme is none of redis://, redis+sentinel://, redis+cluster://, the same with rediss (TLS), and \
                unix://
                """
            )
        }
    }

    private mutating func readUser(_ text: Substring) throws(RedisConfigurationError) {
        guard let colon = text.firstIndex(of: ":") else {
            throw RedisURL.malformed("the part before @ must be user:password or :password")
        }
        let user = try RedisURL.decode(text[..<colon], "the user name")
        configuration.username = user.isEmpty ? nil : user
        let password = try RedisURL.decode(text[text.index(after: colon)...], "the password")
        guard !password.isEmpty || user.isEmpty else { throw RedisURL.malformed("the password is empty") }
        configuration.password = password.isEmpty ? nil : password
    }

    /// Reads a host or an IPv6 address in brackets, and perhaps a port.
    private static func address(
        _ text: Substring, defaultPort: Int
    ) throws(RedisConfigurationError) -> RedisConfiguration.Address {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw malformed("an IPv6 address ends with ], as in redis://[::1]:\(defaultPort)")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw malformed("after the ] of an IPv6 address comes only :port")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
            return try bracketed(host, port: try Self.port(port, default: defaultPort))
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            if port?.contains(":") == true {
                throw malformed("an IPv6 address stands in brackets, as in redis://[::1]:\(defaultPort)")
            }
        }
        guard !host.isEmpty else { throw malformed("the host is missing, as in redis://localhost:\(defaultPort)") }
        let name = try decode(host, "the host")
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw malformed("the host has a blank or a control character; a line's end, perhaps")
        }
        return .host(name, port: try Self.port(port, default: defaultPort))
    }

    /// Reads addresses that are separated by commas.
    private static func addresses(
        _ text: Substring, defaultPort: Int
    ) throws(RedisConfigurationError) -> [RedisConfiguration.Address] {
        var addresses: [RedisConfiguration.Address] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            addresses.append(try address(part, defaultPort: defaultPort))
        }
        return addresses
    }

    /// Reads what stands in brackets: an IPv6 address, and perhaps a zone after % or %25.
    private static func bracketed(
        _ text: Substring, port: Int
    ) throws(RedisConfigurationError) -> RedisConfiguration.Address {
        let mark = text.firstIndex(of: "%") ?? text.endIndex
        let address = text[..<mark]
        var zone = text[mark...].dropFirst()
        if zone.hasPrefix("25"), zone.count > 2 { zone = zone.dropFirst(2) }
        let isZone = zone.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x2E || $0 == 0x2D || $0 == 0x5F
        }
        guard address.contains(":"), isZone, mark == text.endIndex || !zone.isEmpty,
            address.utf8.allSatisfy({ isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E })
        else { throw malformed("what stands in brackets is not an IPv6 address") }
        return .host(zone.isEmpty ? String(address) : "\(address)%\(zone)", port: port)
    }

    /// Reads the Sentinels, and the master's name and perhaps a database after it.
    private mutating func readSentinels(
        _ authority: Substring, _ path: Substring
    ) throws(RedisConfigurationError) {
        let addresses = try RedisURL.addresses(authority, defaultPort: 26379)
        let parts = path.split(separator: "/")
        guard (1...2).contains(parts.count) else {
            throw RedisURL.malformed("after the Sentinels comes the master's name: redis+sentinel://a,b,c/mymaster/0")
        }
        configuration.topology = .sentinel(
            RedisSentinels(addresses: addresses, masterName: try RedisURL.decode(parts[0], "the master's name")))
        if parts.count == 2 { try setDatabase(parts[1]) }
    }

    private mutating func setSentinels(_ body: (inout RedisSentinels) -> Void) throws(RedisConfigurationError) {
        guard case .sentinel(var sentinels) = configuration.topology else {
            throw RedisURL.malformed(
                "settings of Sentinels need redis+sentinel:// (or rediss+sentinel://) at its start")
        }
        body(&sentinels)
        configuration.topology = .sentinel(sentinels)
    }

    private static func port(
        _ text: Substring?, default defaultPort: Int
    ) throws(RedisConfigurationError) -> Int {
        guard let text else { return defaultPort }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text), (1...65535).contains(value)
        else { throw malformed("the port is not a number within 1...65535") }
        return value
    }

    private mutating func readDatabase(_ path: Substring) throws(RedisConfigurationError) {
        var text = path.drop { $0 == "/" }
        while text.last == "/" { text.removeLast() }
        if !text.isEmpty { try setDatabase(text) }
    }

    private mutating func readQuery(_ query: Substring?) throws(RedisConfigurationError) {
        var certificateFile: String?
        var keyFile: String?
        for item in (query ?? "").split(separator: "&") {
            let equals = item.firstIndex(of: "=") ?? item.endIndex
            let value = item[equals...].dropFirst()
            switch item[..<equals] {
            case "db": try setDatabase(value)
            case "client_name":
                let name = try RedisURL.decode(value, "client_name")
                configuration.clientName = name.isEmpty ? nil : name
            case "tls_server_name":
                let name = try RedisURL.decode(value, "tls_server_name")
                try setTLS { $0.serverName = name }
            case "tls_ca_file":
                let file = try RedisURL.decode(value, "tls_ca_file")
                try setTLS { $0.trust = .file(file) }
            case "tls_cert_file": certificateFile = try RedisURL.decode(value, "tls_cert_file")
            case "tls_key_file": keyFile = try RedisURL.decode(value, "tls_key_file")
            case "sentinel_username":
                let name = try RedisURL.decode(value, "sentinel_username")
                try setSentinels { $0.username = name }
            case "sentinel_password":
                let password = try RedisURL.decode(value, "sentinel_password")
                try setSentinels { $0.password = password }
            default:
                throw RedisURL.malformed(
                    """
                    of the parameters after ? only db, client_name, tls_server_name, tls_ca_file, tls_cert_file, \
                    tls_key_file, sentinel_username and sentinel_password are known
                    """
                )
            }
        }
        guard certificateFile != nil || keyFile != nil else { return }
        guard let certificateFile, let keyFile else {
            throw RedisURL.malformed("tls_cert_file and tls_key_file go together")
        }
        try setTLS { $0.clientCertificate = .init(certificateFile: certificateFile, keyFile: keyFile) }
    }

    private mutating func setTLS(_ body: (inout RedisTLS) -> Void) throws(RedisConfigurationError) {
        guard var tls = configuration.tls else {
            throw RedisURL.malformed("settings of TLS need rediss:// (or valkeys://) at its start")
        }
        body(&tls)
        configuration.tls = tls
    }

    private mutating func setDatabase(_ text: Substring) throws(RedisConfigurationError) {
        let number = try RedisURL.database(text)
        guard !hasDatabase || number == configuration.database else {
            throw RedisURL.malformed("it names two databases; name one, as /3 or ?db=3")
        }
        hasDatabase = true
        configuration.database = number
    }

    private static func database(_ text: Substring) throws(RedisConfigurationError) -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text) else {
            throw malformed("the database is not a number, as in redis://localhost/0 or unix:///path?db=0")
        }
        return number
    }

    private static func decode(_ text: Substring, _ part: String) throws(RedisConfigurationError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(nibble), let low = rest.popFirst().flatMap(nibble) else {
                throw malformed("in \(part) a % is not followed by two hexadecimal digits; write % as %25")
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw malformed("\(part) is not UTF-8 after its % escapes are decoded")
        }
        return decoded
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { nibble(byte) != nil }
}
