import ConfigurationKeys
import HiredisClient

/// Addresses as texts: `host:port`, `[::1]:port`, or a host alone with the usual port.
enum RedisAddressForm {
    /// An address of a server, whose usual port is 6379.
    static let server = ConfigurationForm<RedisConfiguration.Address>("an address") { text in
        guard isBare(text), case .server(let address)? = try? RedisConfiguration(url: "redis://\(text)").topology else {
            return nil
        }
        return address
    } render: {
        $0.description
    }

    /// An address of a Sentinel, whose usual port is 26379.
    static let sentinel = ConfigurationForm<RedisConfiguration.Address>("an address") { text in
        guard isBare(text),
            case .sentinel(let sentinels)? = try? RedisConfiguration(url: "redis+sentinel://\(text)/any").topology
        else { return nil }
        return sentinels.addresses.first
    } render: {
        $0.description
    }

    /// An announced address and the one where that server is reached.
    static let pair = ConfigurationForm<RedisSettings.AddressPair>("a pair of addresses") { text in
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, let announced = server.parse(String(sides[0])),
            let reached = server.parse(String(sides[1]))
        else { return nil }
        return RedisSettings.AddressPair(announced: announced, reached: reached)
    } render: { pair in
        "\(pair.announced)=\(pair.reached)"
    }

    /// Whether a text has nothing that a URL has beside host and port.
    private static func isBare(_ text: String) -> Bool {
        !text.isEmpty && !text.contains { "@/?#%,".contains($0) || $0.isWhitespace }
    }
}
