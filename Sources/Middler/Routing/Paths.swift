/// The paths that handlers are added for: one, several, or any. See ``PathPattern``.
struct Paths: Sendable {
    private(set) var patterns: [PathPattern]
    private let isAny: Bool

    /// These paths; every one where there are none.
    init(_ patterns: [PathPattern]) {
        self.patterns = patterns
        isAny = patterns.isEmpty
    }

    /// Removes a path; whether it was there.
    mutating func remove(_ pattern: PathPattern) -> Bool {
        let before = patterns.count
        patterns.removeAll { $0 == pattern }
        return patterns.count < before
    }

    func match(_ request: Request) throws -> Request? {
        if isAny { return request }
        let path = request.pathBytes
        for pattern in patterns {
            if let matched = try pattern.match(request, path: path) { return matched }
        }
        return nil
    }
}
