import Synchronization

/// A regular expression for paths.
final class PathRegex: Sendable {
    private static let count = Atomic(0)

    private let regex: Mutex<Regex<AnyRegexOutput>>
    /// Tells it from others: regular expressions can't be compared.
    let number: Int

    init<Output>(_ regex: sending Regex<Output>) {
        // `Regex` isn't Sendable, as it may hold closures; so only one thread at a time may use it.
        self.regex = Mutex(Regex<AnyRegexOutput>(regex))
        number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// - Throws: ``HTTPError`` with 400 where a parameter isn't validly percent-encoded.
    func match(_ path: String) throws -> PathParameters? {
        let found: [(name: String?, value: Substring?)]? = regex.withLock { regex in
            guard let match = path.wholeMatch(of: regex) else { return nil }
            return match.output.dropFirst().map { ($0.name, $0.substring) }
        }
        guard let found else { return nil }
        var parameters = PathParameters()
        for (name, value) in found {
            guard let value else { continue }
            try parameters.append(name, value.utf8)
        }
        return parameters
    }
}
