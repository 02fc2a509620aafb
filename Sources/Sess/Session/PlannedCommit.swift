import Modeler

/// What a save has to ask of the store.
enum CommitPlan: Sendable {
    /// Nothing is to be written.
    case nothing
    /// The session is stored for the first time.
    case insert(NewModel, Expiry)
    /// The stored session is changed.
    case change(Change)
}

/// One save as it was planned, so that its outcome can be applied to a state that may have moved on.
struct PlannedCommit: Sendable {
    var plan: CommitPlan
    var pending: PendingChanges
    /// The token's record that the plan stores, with its token.
    var rotation: TokenRotation?
    /// The operations that were asked for.
    var operations: [(name: String, operation: FieldOperation)] = []
    /// The fields of operations whose value is known before the store is asked: those taken, and those that begin anew
    /// because their own deadline has passed.
    var values: [Field] = []
    /// Whether this is another try of a save whose outcome is unknown.
    var isRepeated = false

    /// Whether these operations were asked for, and no others.
    func isOf(_ operations: [(name: String, operation: FieldOperation)]) -> Bool {
        self.operations.elementsEqual(operations) { $0.name.hasSameBytes(as: $1.name) && $0.operation == $1.operation }
    }
}

/// A save whose outcome is unknown: the store was asked, and its answer was lost.
///
/// Repeated as it was, the store knows it by its operation id and applies it once. Planned anew it would meet itself, as
/// another request's write.
final class UnresolvedCommit: Sendable {
    let planned: PlannedCommit

    init(_ planned: PlannedCommit) { self.planned = planned }
}

/// What a conflict leads to.
enum ConflictResolution: Sendable {
    /// Another try, on top of what is stored now. Names the fields that both requests had changed, with their policies.
    case retry([(field: String, policy: String)])
    /// Fields whose policy is to fail.
    case fail([String])
    /// The request's token was replaced meanwhile.
    case tokenReplaced
    /// Somebody else is in the exclusive section that the request was in.
    case sectionLost
}
