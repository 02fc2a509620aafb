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

    /// How far the move of the epoch, or the decision to remove models, is known to last.
    public var confirmation = WriteConfirmation.confirmed

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

/// What came of a renewal.
public enum RenewalOutcome: Sendable, Hashable {
    /// The model is the owner's still.
    case renewed
    /// As ``renewed``, but nothing at all was known of the owner: the index was lost, and with it the epoch. A
    /// revocation before that may have missed models.
    case restored
    /// The epoch has moved since the one that the record names, or the model is condemned.
    case revoked

    /// Whether the model is the owner's.
    public var isOwned: Bool { self != .revoked }
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
