import HTTPTypes

/// Names of header fields by how clients write them. Checking and lowercasing a name costs more than finding it here.
enum FieldNames {
    private static let common: [String: HTTPField.Name] = {
        let names = [
            "Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Connection",
            "Content-Length", "Content-Type", "Cookie", "Host", "If-Modified-Since", "If-None-Match", "Origin",
            "Pragma",
            "Referer", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Transfer-Encoding",
            "Upgrade-Insecure-Requests", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto",
        ]
        var common: [String: HTTPField.Name] = [:]
        for name in names {
            for written in [name, name.lowercased()] { common[written] = HTTPField.Name(written) }
        }
        return common
    }()

    /// The name; `nil` for a text that is none.
    static func name(_ text: String) -> HTTPField.Name? { common[text] ?? HTTPField.Name(text) }
}

extension HTTPField.Name {
    // A token of RFC 9110 §5.6.2, so the initializer can't answer nil.
    static let host = HTTPField.Name("Host")!
}
