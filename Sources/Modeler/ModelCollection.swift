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
/// - A store that isn't the authority, such as a replica or a master that was replaced, never answers `.gone`: it
///   throws ``ModelError/Code/unavailable``. "Not here" and "ended" are different things.
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
    /// An insertion that was asked before (``NewModel/isRepeated``) is answered as applied where the model that is
    /// there was inserted by its operation id. A store that can't tell any more throws
    /// ``ModelError/Code/outcomeUnknown``.
    ///
    /// - Parameters:
    ///   - model: The id and the fields.
    ///   - expiry: The model's limits, counted from now on the store's clock.
    /// - Throws: ``ModelError/Code/invalidField`` for a name that occurs twice, ``ModelError/Code/invalidChange`` for
    ///   a limit below a millisecond, ``ModelError/Code/tooLarge``, ``ModelError/Code/full``.
    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome

    /// Returns the models of these ids, in the order asked; `nil` for each that isn't there. Save-only fields are
    /// included.
    ///
    /// Each model's ``Lifetime/now`` is the store's clock at this answer, also for models that never expire.
    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?]

    /// Returns the model of one id, or `nil` when it isn't there. Save-only fields are included.
    func fetch(_ id: ModelID) async throws(ModelError) -> Model?

    /// Applies a change to the stored model: all of it, or nothing. It never creates a model.
    ///
    /// In this order: a change that is wrong in itself is refused; a model that isn't there answers `.gone`; a change
    /// that was asked before (``Change/isRepeated``) and was applied is answered with the revision it wrote; an
    /// expectation that doesn't hold answers `.conflict`; the operations are applied.
    ///
    /// A change with operations is a write even where they leave every field as it was: the revision grows by one.
    /// One without any only checks what it expects and renews the deadline; revision and `updated` stay. There is no
    /// other renewal.
    ///
    /// **Once.** A store keeps the operation ids of each model's last writes, some ten. A repeated change whose id is
    /// among them was applied. One whose id is not, where all writes after ``Change/base`` are among them, wasn't and
    /// is applied now. Where the store can't tell, it throws ``ModelError/Code/outcomeUnknown``: it never applies a
    /// change a second time, however many others wrote meanwhile and however long ago. A change that is asked for the
    /// first time is never looked up, so that no other with an equal id is taken for it.
    ///
    /// - Throws: ``ModelError/Code/invalidChange`` where an operation doesn't fit the stored value, a name occurs
    ///   twice, or a limit is below a millisecond; ``ModelError/Code/tooLarge``.
    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome

    /// Removes the model if what is expected holds of it, which is checked where the model is stored.
    ///
    /// A store that keeps copies may be set to wait for them: the answer tells what is known.
    ///
    /// Removing a model that isn't there is no error. Of several removals at once at most one answers `.removed`; where
    /// an answer was lost with its connection, it may be that none does.
    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome
}

extension ModelCollection {
    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        try await fetch([id]).first ?? nil
    }

    /// Removes the model whatever it is by now, and returns whether it was there.
    @discardableResult
    public func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        if case .removed = try await remove(id, expecting: .nothing) { true } else { false }
    }
}
