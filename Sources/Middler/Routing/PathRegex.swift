import Synchronization

/// A regular expression for paths.
final class PathRegex: Sendable {
    private static let count = Atomic(0)

    /// A regular expression that one match at a time uses: `Regex` isn't Sendable, as it may hold closures.
    ///
    /// Unchecked: what makes it is Sendable, so it shares with other copies only what may be shared; and who takes it
    /// from those that are idle is alone with it until it is put back.
    private struct Copy: @unchecked Sendable {
        let regex: Regex<AnyRegexOutput>
    }

    private let make: @Sendable () throws -> Regex<AnyRegexOutput>
    /// At most as many as have matched at the same time, which is as many as there are threads.
    private let idle = Mutex<[Copy]>([])
    /// Tells it from others: regular expressions can't be compared.
    let number: Int

    init(_ make: @escaping @Sendable () throws -> Regex<AnyRegexOutput>) {
        self.make = make
        number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// A slow match holds up nobody but the thread that it runs on.
    ///
    /// - Throws: ``HTTPError`` with 400 where a parameter isn't validly percent-encoded.
    func match(_ path: String) throws -> PathParameters? {
        let copy = try idle.withLock { $0.popLast() } ?? Copy(regex: make())
        defer { idle.withLock { $0.append(copy) } }
        guard let match = path.firstMatch(of: copy.regex) else { return nil }
        var parameters = PathParameters()
        for capture in match.output.dropFirst() {
            guard let value = capture.substring else { continue }
            try parameters.append(capture.name, value.utf8)
        }
        return parameters
    }
}
