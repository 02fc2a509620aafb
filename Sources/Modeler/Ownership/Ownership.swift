/// A number that grows whenever all that an owner has is revoked; 0 before the first time.
///
/// It is at least the store's clock in milliseconds at that moment, so that it grows even past one that was lost.
public typealias OwnerEpoch = Int

/// What a store knows of an owner: a hint about models, whose records are the truth, and the epoch.
public struct Ownership: Sendable, Hashable {
    /// The owner's epoch.
    public var epoch: OwnerEpoch

    /// The models that the owner has, soonest to expire first.
    public var owned: [ModelID]

    /// The models that are about to become the owner's.
    public var reserved: [ModelID]

    /// The models whose removal was decided and not confirmed yet. Whoever sees them removes their records and then
    /// withdraws them.
    public var condemned: [ModelID]

    /// Makes an ownership.
    public init(
        epoch: OwnerEpoch = 0,
        owned: [ModelID] = [],
        reserved: [ModelID] = [],
        condemned: [ModelID] = []
    ) {
        self.epoch = epoch
        self.owned = owned
        self.reserved = reserved
        self.condemned = condemned
    }
}

/// What came of a reservation.
public enum ReservationOutcome: Sendable, Hashable {
    /// The model has its place. What is condemned must be removed before the model becomes the owner's.
    case reserved(Ownership)
    /// There is no place.
    case full(Ownership)
    /// The model itself was condemned.
    case condemned
}
