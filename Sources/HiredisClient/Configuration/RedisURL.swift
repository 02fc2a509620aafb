/// Reads the URLs that name a Redis server. Pure text work; every message leaves user-supplied secrets out.
struct RedisURL {
    private(set) var configuration = RedisConfiguration()

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
        switch scheme {
        case "redis":
            try readHost(authority)
            try readDatabase(path)
        case "unix", "redis+unix":
            guard authority.isEmpty, path.count > 1 else {
                throw RedisURL.malformed("a socket's path is absolute: unix:///run/redis.sock")
            }
            configuration.address = .unixSocket(path: try RedisURL.decode(path, "the path"))
        case "rediss":
            throw RedisConfigurationError(.unsupportedScheme, "rediss:// needs TLS, which this client doesn't speak")
        default:
            throw RedisConfigurationError(
                .unsupportedScheme,
                "the scheme is none of redis://, unix:// and redis+unix://"
            )
        }
        try readQuery(query)
        try configuration.check()
    }

    static func malformed(_ message: String) -> RedisConfigurationError {
        RedisConfigurationError(.malformedURL, "the Redis URL can't be read: \(message)")
    }
}

extension RedisURL {
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

    private mutating func readHost(_ text: Substring) throws(RedisConfigurationError) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw RedisURL.malformed("an IPv6 address ends with ], as in redis://[::1]:6379")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw RedisURL.malformed("after the ] of an IPv6 address comes only :port")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
            guard host.utf8.allSatisfy({ RedisURL.isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E || $0 == 0x25 }) else {
                throw RedisURL.malformed("what stands in brackets is not an IPv6 address")
            }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            if port?.contains(":") == true {
                throw RedisURL.malformed("an IPv6 address stands in brackets, as in redis://[::1]:6379")
            }
        }
        guard !host.isEmpty else { throw RedisURL.malformed("the host is missing, as in redis://localhost:6379") }
        var number = 6379
        if let port {
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(port),
                (1...65535).contains(value)
            else { throw RedisURL.malformed("the port is not a number within 1...65535") }
            number = value
        }
        configuration.address = .host(try RedisURL.decode(host, "the host"), port: number)
    }

    private mutating func readDatabase(_ path: Substring) throws(RedisConfigurationError) {
        let text = path.drop { $0 == "/" }
        if !text.isEmpty { configuration.database = try RedisURL.database(text) }
    }

    private mutating func readQuery(_ query: Substring?) throws(RedisConfigurationError) {
        for item in (query ?? "").split(separator: "&") {
            let equals = item.firstIndex(of: "=") ?? item.endIndex
            let value = item[equals...].dropFirst()
            switch item[..<equals] {
            case "db": configuration.database = try RedisURL.database(value)
            case "client_name": configuration.clientName = try RedisURL.decode(value, "client_name")
            default: throw RedisURL.malformed("of the parameters after ? only db and client_name are known")
            }
        }
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
