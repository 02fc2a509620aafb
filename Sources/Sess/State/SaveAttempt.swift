import Modeler

/// A save on its way.
enum SaveAttempt: Sendable {
    /// No write is under way, and the outcome of every one before is known.
    case none
    /// A write is under way; `of` a save whose outcome was unknown, where it is repeated.
    case underWay(of: PlannedSave?)
    /// The store was asked, and its answer was lost. It is asked again before anything else is written.
    case unresolved(PlannedSave)

    /// Whether a write may be applied that the record doesn't show: a field that gets back what is stored is a change.
    var mayApply: Bool {
        if case .none = self { false } else { true }
    }

    /// The save whose outcome is unknown.
    var unresolved: PlannedSave? {
        switch self {
        case .none, .underWay(nil): nil
        case .underWay(let planned?), .unresolved(let planned): planned
        }
    }

    mutating func begin(repeating planned: PlannedSave? = nil) {
        self = .underWay(of: planned)
    }

    /// The write was not applied, or is known to be.
    mutating func settle() { self = .none }

    /// The write has failed, maybe after it was applied.
    mutating func fail(_ planned: PlannedSave, isUnknown: Bool) {
        if isUnknown {
            self = .unresolved(planned)
        } else if case .underWay(let repeated?) = self {
            self = .unresolved(repeated)
        } else {
            self = .none
        }
    }
}

/// One save as it was planned, so that its outcome can be applied to a session that may have changed since.
///
/// Where the outcome is unknown it is asked again as it was: the store knows it by its operation id and applies it
/// once. Planned anew it would meet itself, as another request's write.
final class PlannedSave: Sendable {
    /// What is asked of the store.
    enum Write: Sendable {
        case insert(NewModel, Expiry, SessionToken)
        case change(Change)
    }

    let write: Write
    /// The changes that it stores.
    let pending: PendingChanges
    /// The token that it gives the session in place of the one before.
    let rotation: TokenRotation?
    /// The operations that were asked for.
    let operations: [FieldChange]
    /// The fields of operations whose value is known before the store is asked: those taken, and those that begin anew
    /// because their own deadline has passed.
    let values: [Field]

    init(
        write: Write, pending: PendingChanges, rotation: TokenRotation? = nil, operations: [FieldChange] = [],
        values: [Field] = []
    ) {
        self.write = write
        self.pending = pending
        self.rotation = rotation
        self.operations = operations
        self.values = values
    }

    /// The same save with a change that says that it was asked before.
    func repeated(as change: Change) -> PlannedSave {
        PlannedSave(
            write: .change(change), pending: pending, rotation: rotation, operations: operations, values: values)
    }

    /// Whether these operations were asked for, and no others.
    func isOf(_ operations: [FieldChange]) -> Bool {
        self.operations.elementsEqual(operations) { $0.name.hasSameBytes(as: $1.name) && $0.operation == $1.operation }
    }

    /// Whether it signs somebody in.
    var isSignIn: Bool { OwnerRecord.isWritten(by: operations) }
}

/// A token that replaces another.
struct TokenRotation: Sendable {
    var token: SessionToken
    /// How long the token before it is accepted.
    var grace: Duration = .zero

    var hasGrace: Bool { grace > .zero }
}
