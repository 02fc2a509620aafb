/// A whole path with stars: `*` stands for any bytes, also for slashes, and for as many as it can; `:name` for as few
/// as it can, at least one and none a slash. So the first wildcards decide.
struct PathTemplate: Sendable {
    private let tokens: [Glob.Token]

    init(_ pattern: [UInt8]) { tokens = Glob(pattern[...], allowsNames: true).tokens }

    var wildcards: [Glob.Token] { tokens.filter(\.isWildcard) }

    /// What each wildcard stands for; `nil` for a path that doesn't match. Its time is the path's length times the
    /// template's.
    func match(_ path: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        if case .literal(let start) = tokens.first, !path.starts(with: start) { return nil }
        let fits = fits(path)
        guard fits[0] else { return nil }
        let width = path.count + 1
        var found: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, token) in tokens.enumerated() {
            let nextRow = (index + 1) * width
            var end = start
            switch token {
            case .literal(let bytes):
                start += bytes.count
                continue
            // Something fits behind it: that is what the wildcard's own place says.
            case .any:
                end = path.count
                while !fits[nextRow + end] { end -= 1 }
            case .name:
                end += 1
                while !fits[nextRow + end] { end += 1 }
            }
            found.append(path[(path.startIndex + start)..<(path.startIndex + end)])
            start = end
        }
        return found
    }

    /// For each token and each place in the path whether this token and those after it match the rest from there on;
    /// and after the last token, whether the path is over.
    private func fits(_ path: ArraySlice<UInt8>) -> [Bool] {
        let width = path.count + 1
        var fits = Array(repeating: false, count: (tokens.count + 1) * width)
        fits[tokens.count * width + path.count] = true
        for index in tokens.indices.reversed() {
            let row = index * width
            let nextRow = row + width
            for place in (0...path.count).reversed() {
                switch tokens[index] {
                case .literal(let bytes):
                    let end = place + bytes.count
                    fits[row + place] =
                        end <= path.count && fits[nextRow + end]
                        && path[(path.startIndex + place)...].starts(with: bytes)
                case .any:
                    fits[row + place] = fits[nextRow + place] || (place < path.count && fits[row + place + 1])
                case .name:
                    fits[row + place] =
                        place < path.count && path[path.startIndex + place] != UInt8(ascii: "/")
                        && (fits[nextRow + place + 1] || fits[row + place + 1])
                }
            }
        }
        return fits
    }
}
