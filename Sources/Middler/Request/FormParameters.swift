/// The pairs of a URL's query or of a form's body, as `application/x-www-form-urlencoded` has them.
public struct FormParameters: Sendable {
    /// The pairs, decoded, in order. Those that aren't validly encoded are left out.
    public let pairs: [(name: String, value: String)]

    /// Reads `a=1&b=2`.
    public init(parsing bytes: some Collection<UInt8>) {
        pairs = bytes.split(separator: UInt8(ascii: "&")).compactMap { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0], plusIsSpace: true),
                let value = parts.count < 2 ? "" : PercentEncoding.decode(parts[1], plusIsSpace: true)
            else { return nil }
            return (name, value)
        }
    }

    /// The first value of a name.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }
}
