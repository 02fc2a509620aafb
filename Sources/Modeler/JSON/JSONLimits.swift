/// What a reader of JSON accepts.
public struct JSONLimits: Sendable, Hashable {
    /// The most arrays and objects inside each other.
    public var maximumDepth: Int

    /// The most bytes of a text.
    public var maximumBytes: Int

    /// Makes limits. A depth beyond 512 counts as 512, so that no input can exhaust a thread's stack.
    public init(maximumDepth: Int = 64, maximumBytes: Int = 16 * 1024 * 1024) {
        self.maximumDepth = min(maximumDepth, 512)
        self.maximumBytes = maximumBytes
    }

    /// Depth 64, 16 MiB.
    public static let `default` = JSONLimits()
}
