/// What a reader of JSON accepts.
public struct JSONLimits: Sendable, Hashable {
    /// The most arrays and objects inside each other.
    public var maximumDepth: Int

    /// The most bytes of a text.
    public var maximumBytes: Int

    /// Makes limits. A depth beyond ``deepest`` counts as that.
    public init(maximumDepth: Int = 64, maximumBytes: Int = 16 * 1024 * 1024) {
        self.maximumDepth = min(maximumDepth, Self.deepest)
        self.maximumBytes = maximumBytes
    }

    /// The most arrays and objects inside each other that are ever read or written, 128: no input can exhaust a
    /// thread's stack.
    public static let deepest = 128

    /// Depth 64, 16 MiB.
    public static let `default` = JSONLimits()

    /// For what is to be stored.
    static let written = JSONLimits(maximumDepth: deepest, maximumBytes: .max)

    /// For what was checked when it came in, and has since become an element by an append, or a member with others.
    static let stored = {
        var limits = written
        limits.maximumDepth += 1
        return limits
    }()
}
