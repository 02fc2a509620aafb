import Modeler

/// A verb on its way through the store: what it is to reach, and how far it is.
struct SaveCall: Sendable {
    enum Goal: Sendable {
        /// What the app has changed is stored, with the rotation and the operations that come with it.
        case save
        /// The deadline is moved, and the client's token confirmed.
        case renew
        /// The client's token is confirmed; the deadline is moved where it may be.
        case confirm
        /// The record is removed.
        case remove
        /// The record is read again; what was changed and not saved is dropped.
        case reload
        /// The record is read again, and what was changed and not saved is put on top of it.
        case refresh
        /// What a draft holds is stored on top of exactly the fields that it has used.
        case update(DraftChanges)
        /// The lease of the exclusive section is the request's.
        case enter(holder: UInt64, lease: Duration)
    }

    let goal: Goal
    /// A token that is to replace the client's.
    var rotation: TokenRotation?
    /// Operations that the store is to apply.
    var operations: [FieldChange] = []
    /// The ids that a new session may get, should it be asked for one.
    var newID: ModelID?

    /// The write that was asked for last.
    var planned: PlannedSave?
    /// Whether the index of the user's sessions is to be told the new deadline.
    var refreshesIndex = false
    /// Whether nothing more is to be asked.
    var isDone = false
    /// Whether what the call was to reach is out of reach for now: somebody else has written first, or holds the lease.
    var isRefused = false
    /// The fields that operations were applied to, as they are then; those that were removed, as they were.
    var results: [Field] = []
    /// How far its last removal is known to last.
    var confirmation = WriteConfirmation.confirmed
    /// What happened on the way, for reports.
    var events: [SessionEvent] = []

    /// Whether a write of it whose answer is lost is asked again by the next save: nothing that is pending depends on
    /// the others.
    var keepsUnresolved: Bool {
        if case .save = goal { true } else { false }
    }

    init(_ goal: Goal, rotation: TokenRotation? = nil, operations: [FieldChange] = []) {
        self.goal = goal
        self.rotation = rotation
        self.operations = operations
    }
}

/// What a draft has changed, and the fields that it has read or written.
struct DraftChanges: Sendable {
    var pending: PendingChanges
    var used: Set<ByteName>
}

/// What the machine has to ask next.
enum StoreRequest: Sendable {
    /// Insert a session.
    case insert(NewModel, Expiry)
    /// Change the session.
    case commit(Change, to: ModelID)
    /// Remove the session, if it is as expected.
    case remove(ModelID, expecting: Change.Expectation)
    /// Read the session.
    case read(ModelID)
    /// Check the session against its user's epoch.
    case confirmOwner(Model)
    /// Tell the index of the user's sessions the session's deadline.
    case refreshIndex(Model)
}

/// What came of a ``StoreRequest``.
enum StoreAnswer: Sendable {
    case inserted(Commit)
    /// The id is taken by another session.
    case exists
    case committed(Commit)
    case conflict(Model)
    case removed(WriteConfirmation)
    /// It isn't there.
    case gone
    /// The record as it is now; `nil` where there is none.
    case found(Model?)
    /// Whether the session is its user's still.
    case owned(Bool)
    /// The record is there, and nobody can read it, or only other servers can.
    case unreadable(SessionError)
}
