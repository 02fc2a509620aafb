/// Names one write, so that a store can tell its repetition after a lost answer from a new write.
public struct OperationID: Sendable, Hashable {
    /// 36 random bits.
    public let rawValue: UInt64

    /// A new random id.
    public init() {
        self.rawValue = UInt64.random(in: 0..<(1 << 36))
    }

    /// An id from its number; only the low 36 bits count.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue & (1 << 36 - 1)
    }
}
