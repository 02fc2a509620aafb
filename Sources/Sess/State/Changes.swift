import Modeler

/// What the app has changed of a session and not saved yet.
struct Changes: Sendable {
    /// The fields set and removed.
    var pending = PendingChanges()
    /// Limits that the session is to get.
    var limits: NewLimits?
    /// Whether the client's cookie is to outlive the browser's session; `nil` as long as that is as the record says.
    var isPersistent: Bool?
    /// An error of the app's use of the session that couldn't be thrown where it arose: the next save throws it.
    var fault: SessionError?

    /// Whether a save has anything to do.
    var isEmpty: Bool { pending.isEmpty && limits == nil && isPersistent == nil && fault == nil }

    /// What is lost where the changes can't be stored: fields by name, and the limits as `limits`.
    var names: [String] {
        pending.entries.map(\.name) + (limits != nil || isPersistent != nil ? ["(limits)"] : [])
    }
}

/// Limits in place of a session's present ones.
struct NewLimits: Sendable {
    var expiry: Expiry
    /// Whether the app has chosen them for this session; otherwise they are the manager's.
    var isOwn: Bool
}
