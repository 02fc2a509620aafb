import Modeler

/// What a manager's options say of every session.
struct SessionRules: Sendable {
    let limits: SessionLimits
    let schema: SessionSchema
    let size: SizeLimits

    init(_ options: SessionOptions) {
        limits = SessionLimits(options)
        schema = options.schema
        size = SizeLimits(maximumBytes: options.maximumBytes, maximumFields: options.maximumFields)
    }
}

/// What a manager answers for a field on which two requests disagree.
struct SessionPolicies: Sendable {
    private let byName: [ByteName: ConflictPolicy]

    /// Names are compared by their bytes, as the store compares them.
    init(_ options: SessionOptions) {
        byName = Dictionary(
            options.conflictPolicies.map { (ByteName($0), $1) }, uniquingKeysWith: { first, _ in first })
    }

    /// The policy of a change: its own, else the manager's for the field's name, else what is usual.
    func policy(of entry: PendingChanges.Entry) -> ConflictPolicy {
        for policy in [entry.policy, byName.isEmpty ? nil : byName[ByteName(entry.name)]].compactMap(\.self) {
            if case .automatic = policy { continue }
            return policy
        }
        return entry.isTaking ? .keepFirst : .lastWriter
    }
}
