/// A path that handlers are added for.
///
/// | pattern | matches | parameters |
/// |---|---|---|
/// | `/about` | this path alone | |
/// | `/posts/:id` | one segment in that place | `parameters["id"]` |
/// | `/posts/*` | any path that begins with `/posts/`: a star stands for any characters, slashes too | `parameters.list` |
/// | `/articles/*/*` | as above; the first star takes as much as it can | `parameters.list` |
/// | `/files/*.png`, `/:id-:name` | stars and names within segments too; names take as little as they can | both |
/// | `.regex(#/…/#)` | paths that it matches anywhere, unless it says `^` and `$` | named captures by name, the others in the list |
///
/// Letters must match in their case, and a slash at the end counts: `/about` is not `/About` and not `/about/`.
///
/// All patterns, regular expressions too, see the path below the mount point (see ``HandlerChain/mount(_:_:)``) without
/// its query, and as it was sent, so percent-encoded: ASCII without blanks. Parameters are percent-decoded. A pattern
/// without its first slash is taken as if it had one.
public struct PathPattern: Sendable, Hashable, ExpressibleByStringLiteral {
    enum Kind: Sendable {
        case literal([UInt8])
        /// Without a star, but for one that is the whole last segment.
        case segments([Glob], endsOpen: Bool)
        case template(PathTemplate)
        case below([UInt8])
        case regex(PathRegex)
    }

    let kind: Kind
    /// What tells the pattern from others.
    private let text: String

    /// Reads a pattern.
    public init(_ pattern: String) {
        text = pattern.utf8.first == UInt8(ascii: "/") ? pattern : "/" + pattern
        let bytes = Array(text.utf8)
        var globs = bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Glob($0, allowsNames: true) }
        guard globs.contains(where: { !$0.isLiteral }) else {
            kind = .literal(bytes)
            return
        }
        let endsOpen = globs.last?.tokens == [.any]
        if endsOpen { globs.removeLast() }
        let hasStars = globs.contains { $0.tokens.contains(.any) }
        kind = hasStars ? .template(PathTemplate(bytes)) : .segments(globs, endsOpen: endsOpen)
    }

    public init(stringLiteral pattern: String) { self.init(pattern) }

    private init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// Paths that a regular expression matches, anywhere in them: begin it with `^` and end it with `$` for whole
    /// paths.
    ///
    /// Matching is done on the event loop of the request's connection, and holds up its other connections while it
    /// lasts. An expression that needs long for some paths lets clients do so.
    ///
    /// - Parameter regex: Makes the expression. It is called again for each thread that matches at the same time as
    ///   others.
    public static func regex<Output>(_ regex: @autoclosure @escaping @Sendable () -> Regex<Output>) -> PathPattern {
        PathPattern(PathRegex { Regex<AnyRegexOutput>(regex()) })
    }

    /// Paths that a regular expression matches, of which only the running program knows the text.
    ///
    /// - Throws: What `Regex` throws for a text that is no regular expression.
    public static func regex(_ text: String) throws -> PathPattern {
        _ = try Regex(text)
        return PathPattern(PathRegex { try Regex(text) })
    }

    private init(_ regex: PathRegex) { self.init(kind: .regex(regex), text: "regex \(regex.number)") }

    /// A path and all below it.
    static func below(_ prefix: String) -> PathPattern {
        var bytes = Array(PathPattern(prefix).text.utf8)
        while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return PathPattern(kind: .below(bytes), text: "below \(prefix)")
    }

    public static func == (left: PathPattern, right: PathPattern) -> Bool { left.text == right.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// The request as matched; `nil` where its path isn't of this pattern.
    func match(_ request: Request, path: ArraySlice<UInt8>) throws -> Request? {
        switch kind {
        case .literal(let bytes):
            return path == bytes[...] ? request : nil
        case .segments(let globs, let endsOpen):
            guard let found = Self.match(path, globs, endsOpen: endsOpen) else { return nil }
            var names = globs.flatMap { $0.tokens.filter(\.isWildcard) }
            if endsOpen { names.append(.any) }
            var matched = request
            matched.parameters = try PathParameters(zip(names, found))
            return matched
        case .template(let template):
            guard let found = template.match(path) else { return nil }
            var matched = request
            matched.parameters = try PathParameters(zip(template.wildcards, found))
            return matched
        case .below(let bytes):
            guard path.starts(with: bytes), path.count == bytes.count || path.dropFirst(bytes.count).first == 0x2F
            else { return nil }
            var matched = request
            matched.mountLength += bytes.count
            return matched
        case .regex(let regex):
            guard let parameters = try regex.match(String(decoding: path, as: UTF8.self)) else { return nil }
            var matched = request
            matched.parameters = parameters
            return matched
        }
    }

    private static func match(_ path: ArraySlice<UInt8>, _ globs: [Glob], endsOpen: Bool) -> [ArraySlice<UInt8>]? {
        let slash = UInt8(ascii: "/")
        guard path.first == slash else { return nil }
        var rest = path.dropFirst()
        var found: [ArraySlice<UInt8>] = []
        for (index, glob) in globs.enumerated() {
            let segment = rest.prefix { $0 != slash }
            guard let parts = glob.match(segment) else { return nil }
            found += parts
            rest = rest.dropFirst(segment.count)
            if index == globs.count - 1, !endsOpen { return rest.isEmpty ? found : nil }
            guard rest.popFirst() == slash else { return nil }
        }
        found.append(rest)
        return found
    }
}
