import Synchronization

/// Names one write, so that a store can tell its repetition after a lost answer from a new write.
public struct OperationID: Sendable, Hashable {
    /// 36 bits that hardly any other write of the same model has.
    public let rawValue: UInt64

    /// A new id. It is random enough to be unique, and no secret.
    public init() {
        // SplitMix64 from a random start: a system call for each write would cost more than the write in memory.
        var mixed = Self.state.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        self.init(rawValue: mixed ^ (mixed >> 31))
    }

    /// An id from its number; only the low 36 bits count.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue & (1 << 36 - 1)
    }

    private static let state = Atomic(UInt64.random(in: .min ... .max))
}
