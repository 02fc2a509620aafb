/// A set of models of one kind, kept by a store that several processes may share.
///
/// The protocol has the fewest operations a store needs to give; `create`, `save`, `load` and `destroy`, with their
/// hooks and revision checks, are built on them for every store alike (see ``create(_:id:expiry:)``).
///
/// Contract of every operation:
/// - It is atomic: it happens whole or not at all, and no other operation on the same model happens in its middle.
///   What a ``Change`` expects is checked where the model is stored, never by reading first and writing later.
/// - Not found is an answer, not an error. A thrown ``ModelError`` is a fault of the system or of the input.
/// - A model whose deadline has passed by the store's clock is not found, from that instant on, by any operation.
/// - It returns or throws within a bounded time, and at once when its task is cancelled.
///
/// Collections are safe to use from any number of tasks at once.
public protocol ModelCollection: Sendable {
    /// What the models are, for instance `sessions`. Part of a shared store's keys.
    var name: String { get }

    /// The limits that ``create(_:id:expiry:)`` gives a model for which none are named.
    var expiry: Expiry { get }

    /// What runs around `create`, `save`, `load` and `destroy`.
    var hooks: ModelHooks { get }

    /// Stores a new model at revision 1. It never overwrites: where the id is taken it answers `.exists`.
    ///
    /// Where the model that has the id was written by this very operation id, among its last 32 writes at least, the
    /// insertion was applied already and is answered so.
    ///
    /// - Parameters:
    ///   - model: The id and the fields. Its operation id makes a repeated call after a lost answer apply once.
    ///   - expiry: The model's limits, counted from now on the store's clock.
    /// - Throws: ``ModelError/Code/invalidField`` for a name that occurs twice, ``ModelError/Code/invalidChange`` for
    ///   a limit below a millisecond, ``ModelError/Code/tooLarge``, ``ModelError/Code/full``.
    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome

    /// The models of these ids, in the order asked; `nil` for each that isn't there. Save-only fields are included.
    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?]

    /// The model of one id, or `nil` when it isn't there. Save-only fields are included.
    func fetch(_ id: ModelID) async throws(ModelError) -> Model?

    /// Applies a change to the stored model: all of it, or nothing. It never creates a model.
    ///
    /// In this order: a change that is wrong in itself is refused; a model that isn't there answers `.gone`; a
    /// repeated operation id, among the model's last 32 writes at least, is answered as applied, with the revision it
    /// wrote; an expectation that doesn't hold answers `.conflict`; the operations are applied.
    ///
    /// A change with operations is a write even where they leave every field as it was: the revision grows by one.
    /// One without any only checks what it expects and renews the deadline; revision and `updated` stay.
    ///
    /// - Throws: ``ModelError/Code/invalidChange`` where an operation doesn't fit the stored value, a name occurs
    ///   twice, or a limit is below a millisecond; ``ModelError/Code/tooLarge``.
    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome

    /// Moves the model's deadline and nothing else: the revision stays. `nil` when the model isn't there.
    ///
    /// - Parameter expiry: New limits for the model, or `nil` to start its own idle limit anew.
    /// - Throws: ``ModelError/Code/invalidChange`` for a limit below a millisecond.
    func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime?

    /// Removes the model, and says whether it was there. Removing one that isn't there is no error.
    @discardableResult
    func remove(_ id: ModelID) async throws(ModelError) -> Bool
}

extension ModelCollection {
    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        try await fetch([id]).first ?? nil
    }
}
