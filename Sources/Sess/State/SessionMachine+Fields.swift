import Modeler

/// Fields as the request sees them: its changes on top of what is stored.
extension SessionMachine {
    /// The value of a field.
    func value(of name: String) -> EncodedJSON? {
        if let entry = changes.pending[name] { return entry.value }
        guard case .stored(let record) = phase else { return nil }
        return record.field(name)?.value
    }

    /// All fields.
    var visibleFields: [(name: String, value: EncodedJSON)] {
        var fields: [(name: String, value: EncodedJSON)] = []
        let pending = changes.pending
        if case .stored(let record) = phase {
            for field in record.model.fields where !Field.isSaveOnly(field.name) {
                if let entry = pending[field.name] {
                    if let value = entry.value { fields.append((field.name, value)) }
                } else if !record.isExpired(field) {
                    fields.append((field.name, field.value))
                }
            }
            for entry in pending.entries where record.model.fields[entry.name] == nil {
                if let value = entry.value { fields.append((entry.name, value)) }
            }
        } else {
            for entry in pending.entries {
                if let value = entry.value { fields.append((entry.name, value)) }
            }
        }
        return fields
    }

    /// The time until a field that was set for a time expires; `nil` where it isn't there, or as long as the session.
    func remainingTime(of name: String) -> Duration? {
        if let entry = changes.pending[name] { return entry.lifetime }
        guard case .stored(let record) = phase, let field = record.field(name),
            let deadline = record.deadline(of: field)
        else { return nil }
        return deadline - record.storeTime
    }

    /// Sets a field's value; `nil` removes the field.
    mutating func set(
        _ value: EncodedJSON?,
        of name: String,
        policy: ConflictPolicy?,
        isTaking: Bool = false,
        maximumFields: Int
    ) {
        if Field.isSaveOnly(name) {
            changes.fault = ReservedField.error(name)
            return
        }
        guard value == nil || hasRoom(for: name, maximum: maximumFields) else {
            changes.fault = SessionError(tooManyFieldsIn: model.id, maximum: maximumFields)
            return
        }
        changes.pending.set(
            value, of: name, policy: policy, isTaking: isTaking, isUnchanged: isStored(value, as: name))
    }

    /// Whether a field's stored value is this one, and will be so.
    private func isStored(_ value: EncodedJSON?, as name: String) -> Bool {
        guard !attempt.mayApply else { return false }
        guard case .stored(let record) = phase else { return value == nil }
        let stored = record.model.fields[name]
        // A field that lives for a time is written again even if its value stays: from now on it lives longer.
        if let stored, record.deadline(of: stored) != nil { return false }
        return value == stored?.value
    }

    /// Sets a field, for a time unless `lifetime` is `nil`.
    ///
    /// - Returns: Whether there is room for it.
    mutating func set(
        _ value: EncodedJSON, of name: String, for lifetime: Duration?, policy: ConflictPolicy?, maximumFields: Int
    ) -> Bool {
        guard hasRoom(for: name, maximum: maximumFields) else { return false }
        changes.pending.set(
            value, of: name, lifetime: lifetime, policy: policy,
            isUnchanged: lifetime == nil && isStored(value, as: name))
        return true
    }

    /// The value of a field, removed from there on.
    mutating func pop(_ name: String, policy: ConflictPolicy?) -> EncodedJSON? {
        let value = value(of: name)
        guard value != nil || Field.isSaveOnly(name) else { return nil }
        set(nil, of: name, policy: policy, isTaking: true, maximumFields: .max)
        return value
    }

    /// The place of a value that is to be taken.
    enum TakenValue: Sendable {
        /// With the request alone: taken, or not there at all.
        case here(EncodedJSON?)
        /// With the request, on top of what is stored.
        case pending
        /// In the store.
        case stored
    }

    /// Takes a value that nobody else can reach, and says where it is otherwise.
    mutating func take(_ name: String) -> TakenValue {
        switch phase {
        case .fresh: return .here(pop(name, policy: nil))
        // That it ended is the save's to tell.
        case .ended, .detached: return .stored
        case .stored(let record):
            if let entry = changes.pending[name] { return entry.value == nil ? .here(nil) : .pending }
            // A try before this one may have taken it.
            return record.field(name) == nil && attempt.unresolved == nil ? .here(nil) : .stored
        }
    }
}
