/// What a change does to one field. The store applies it to the value that is there at that moment.
public enum FieldOperation: Sendable, Hashable {
    /// Stores this value.
    case set(EncodedJSON)

    /// Removes the field; no error where it isn't there.
    case remove

    /// Adds to an integer; a missing field counts as 0.
    ///
    /// Refused with ``ModelError/Code/invalidChange`` where the value is no integer literal (`3.0` is none), or where
    /// the value, the amount or the sum is beyond ±(2⁵³ − 1), the integers that every JSON reader has exactly.
    case increment(by: Int)

    /// Appends to an array; a missing field counts as empty. Of more than `maximum` (at least 1) the first are dropped.
    ///
    /// Refused with ``ModelError/Code/invalidChange`` where the value is no array.
    case append(EncodedJSON, maximum: Int)

    /// Stores this value where the field isn't there; otherwise leaves it.
    case setIfAbsent(EncodedJSON)

    /// The integers that ``increment(by:)`` accepts and makes.
    public static let incrementRange: ClosedRange<Int> = -9_007_199_254_740_991...9_007_199_254_740_991
}
