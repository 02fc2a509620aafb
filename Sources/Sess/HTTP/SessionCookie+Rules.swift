extension SessionCookie {
    /// The most bytes of an attribute's value (rfc6265bis §5.6); browsers ignore the attribute beyond.
    private static let maximumAttributeLength = 1024

    /// The most bytes of a cookie's name and value together (rfc6265bis §5.6); browsers ignore the cookie beyond.
    private static let maximumPairLength = 4096

    /// The most bytes of a name, so that the longest token fits in beside it.
    private static let maximumNameLength =
        maximumPairLength - SessionToken.maximumLength - SessionToken.pairLength - SigningKeys.signatureLength

    /// What browsers would not accept of the cookie, and what would be right; `nil` for nothing.
    var problem: String? {
        problemOfName ?? problemOfPath ?? problemOfDomain ?? problemOfPrefix ?? problemOfAttributes
    }

    private var problemOfName: String? {
        if name.isEmpty || !name.utf8.allSatisfy(Self.isTokenByte) {
            return "a cookie's name is one or more of the characters of an HTTP token (RFC 9110 §5.6.2)"
        }
        if name.utf8.count > Self.maximumNameLength {
            return "a cookie's name has at most \(Self.maximumNameLength) bytes: with its value browsers keep 4,096"
        }
        return nil
    }

    private var problemOfPath: String? {
        if !path.utf8.starts(with: "/".utf8) || !path.utf8.allSatisfy(Self.isPathByte) {
            return
                "a cookie's path begins with '/' and has no control character, blank or ';', and neither a query nor a "
                + "fragment: right is the part of a URL before '?' and '#', percent-encoded"
        }
        if path.utf8.count > Self.maximumAttributeLength {
            return "a cookie's path has at most \(Self.maximumAttributeLength) bytes: browsers ignore a longer one"
        }
        return nil
    }

    /// The form of a domain (RFC 1123 §2.1): labels of letters, digits and hyphens. Underscores, which browsers accept
    /// in hosts, are allowed.
    private var problemOfDomain: String? {
        guard let domain else { return nil }
        if domain.utf8.first == UInt8(ascii: ".") || domain.utf8.last == UInt8(ascii: ".") {
            return "a cookie's domain has no dot at its ends: example.com stands for all hosts below it, too"
        }
        let labels = domain.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let hyphen = UInt8(ascii: "-")
        let areValid = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.allSatisfy(Self.isHostByte) && label.first != hyphen
                && label.last != hyphen
        }
        if !areValid || domain.utf8.count > 253 {
            return
                "a cookie's domain is a host name such as example.com: at most 253 bytes, in labels of 1 to 63 letters, "
                + "digits and hyphens that neither begin nor end with a hyphen"
        }
        return nil
    }

    private var problemOfPrefix: String? {
        let lowercased = name.lowercased()
        if lowercased.hasPrefix("__secure-"), secure != .always {
            return "a cookie named __Secure-… needs secure: .always"
        }
        if lowercased.hasPrefix("__host-"), secure != .always || domain != nil || path != "/" {
            return "a cookie named __Host-… needs secure: .always, no domain and the path '/'"
        }
        if lowercased.hasPrefix("__http-") || lowercased.hasPrefix("__host-http-"), secure != .always || !httpOnly {
            return "a cookie named __Http-… or __Host-Http-… needs secure: .always and httpOnly"
        }
        return nil
    }

    private var problemOfAttributes: String? {
        if sameSite == .none, secure == .never {
            return "SameSite=None needs secure: .auto or .always; browsers refuse it otherwise"
        }
        if partitioned, secure == .never {
            return "Partitioned needs secure: .auto or .always; browsers refuse it otherwise"
        }
        return nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !";?#".utf8.contains(byte)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
