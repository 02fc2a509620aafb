import ConfigurationKeys
import HTTPTypes
import Sess

/// The forms of values that are types of their own.
enum SessionForms {
    static let signingKeys = ConfigurationForm<SigningKeys?>(
        "texts of \(SigningKeys.minimumLength) bytes or more, none twice, separated by commas"
    ) { text in
        (try? SigningKeys(parts(text))).map(Optional.some)
    } render: { _ in
        nil
    }

    static let keyRing = ConfigurationForm<KeyRing?>(
        "keys as NAME:BASE64 of 32 bytes each, separated by commas"
    ) { text in
        var keys: [KeyRing.Key] = []
        for part in parts(text) {
            guard let colon = part.firstIndex(of: ":"),
                let key = try? KeyRing.Key(name: String(part[..<colon]), base64: String(part[colon...].dropFirst()))
            else { return nil }
            keys.append(key)
        }
        return (try? KeyRing(keys)).map(Optional.some)
    } render: { _ in
        nil
    }

    static let proxies = ConfigurationForm<TrustedProxies>(
        "blocks of addresses, as in 10.0.0.0/8,fd00::/8"
    ) { text in
        try? TrustedProxies(parts(text))
    } render: { _ in
        nil
    }

    static let transport = ConfigurationForm<SessionTransport>("cookie, bearer or header:NAME") { text in
        switch text {
        case "cookie": return .cookie
        case "bearer": return .bearer
        default:
            guard text.hasPrefix("header:"), let name = HTTPField.Name(String(text.dropFirst(7))) else { return nil }
            return .header(name)
        }
    } render: { transport in
        switch transport {
        case .cookie: "cookie"
        case .bearer: "bearer"
        case .header(let name): "header:\(name.rawName)"
        }
    }

    private static func parts(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
}
