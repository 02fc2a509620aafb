/// A collection that keeps, for each owner, which models are theirs, and an epoch.
///
/// The index is a hint that repairs itself; whose a model is, its record says. A model becomes an owner's in three
/// steps: ``reserve(_:for:limit:condemning:hold:)`` takes a place and tells the epoch, a write of the record names
/// the owner and that epoch, and ``confirm(_:of:epoch:expires:)`` says whether it still holds. A revocation that
/// falls in between is seen by the last step, so none is missed; the caller then removes the model.
///
/// Each operation is atomic and touches what belongs to one owner only; in a store with slots, one key. Each may be
/// repeated after a lost answer.
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
    /// - Parameters:
    ///   - epoch: The epoch that the record names.
    ///   - expires: No earlier than the model's deadline; `nil` for never.
    /// - Returns: Whether the model is the owner's still.
    func renew(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool

    /// Moves the epoch and condemns every model of the owner, those reserved included.
    ///
    /// - Returns: What is known afterwards.
    func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership

    /// Condemns every model of the owner but one, those reserved included. The epoch stays.
    ///
    /// - Returns: What is known afterwards.
    func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership

    /// Takes models whose records are gone, or are another's, out of the index.
    func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError)
}

/// How long a store keeps what no model of an owner needs any more.
package enum OwnershipRetention {
    /// Beyond the last deadline in the index: for requests under way.
    package static let afterLast: Duration = .seconds(3600)

    /// Of an epoch: no browser keeps a cookie for longer, so no session that carries an earlier epoch comes back.
    package static let ofEpoch: Duration = .seconds(400 * 86400)
}
