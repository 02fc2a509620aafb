/// A collection that keeps, for each owner, which models are theirs, and an epoch.
///
/// The index is a hint that repairs itself; whose a model is, its record says. A model becomes an owner's in three
/// steps: ``reserve(_:for:limit:condemning:hold:)`` takes a place and tells the epoch, a write of the record names
/// the owner and that epoch, and ``confirm(_:of:epoch:expires:)`` says whether it still holds. A revocation that
/// falls in between is seen by the last step, so none is missed; the caller then removes the model.
///
/// Each operation is atomic and touches what belongs to one owner only; in a store with slots, one key. Each may be
/// repeated after a lost answer. A store may go through a very long index in steps: what is not known of when the
/// operation begins may then be left out.
public protocol OwnershipCollection: ModelCollection {
    /// What is known of an owner.
    func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership

    /// Takes a place for a model that is about to become the owner's. One that has a place keeps it.
    ///
    /// - Parameters:
    ///   - limit: The most models that the owner may have and have reserved; `nil` for any number.
    ///   - victims: Models that are condemned first, as far as the owner has or has reserved them.
    ///   - hold: How long the place is held for the confirmation.
    func reserve(
        _ id: ModelID,
        for owner: OwnerID,
        limit: Int?,
        condemning victims: [ModelID],
        hold: Duration
    ) async throws(ModelError) -> ReservationOutcome

    /// Turns a reservation into ownership.
    ///
    /// - Parameters:
    ///   - epoch: The epoch that the reservation told.
    ///   - expires: No earlier than the model's deadline; `nil` for never.
    /// - Returns: Whether it held. Otherwise the epoch has moved, or the place was taken away.
    func confirm(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool

    /// Checks that a model was not revoked, and sets its deadline in the index. An entry that the index has lost
    /// comes back.
    ///
    /// A model that has a place reserved was not revoked, whatever epoch its record names: it is about to name
    /// another. Its place stays as it is.
    ///
    /// - Parameters:
    ///   - epoch: The epoch that the record names.
    ///   - expires: No earlier than the model's deadline; `nil` for never.
    /// - Returns: Whether the model is the owner's still, and whether anything was known of the owner.
    func renew(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> RenewalOutcome

    /// Moves the epoch and condemns every model of the owner, those reserved included.
    ///
    /// - Returns: What is known afterwards.
    func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership

    /// Moves the epoch and condemns every model of the owner but one, those reserved included. That one's place is
    /// reserved for the new epoch, whether or not it had one: its record is to name that epoch, and then it is
    /// confirmed.
    ///
    /// The epoch reaches models, too, that the index has lost.
    ///
    /// - Parameters:
    ///   - id: The model that is spared.
    ///   - epoch: The epoch that its record names.
    ///   - hold: How long its place is held for the confirmation.
    /// - Returns: What is known afterwards; `nil`, and nothing is changed, where the model itself was revoked, as for
    ///   ``renew(_:of:epoch:expires:)``.
    func advanceEpoch(
        of owner: OwnerID,
        sparing id: ModelID,
        epoch: OwnerEpoch,
        hold: Duration
    ) async throws(ModelError) -> Ownership?

    /// Condemns every model of the owner but one, those reserved included. The epoch stays, so that models that the
    /// index has lost are not reached.
    ///
    /// - Returns: What is known afterwards.
    func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership

    /// Takes models whose records are gone, or are another's, out of the index.
    func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError)
}
