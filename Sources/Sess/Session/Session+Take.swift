import Modeler

extension Session {
    /// Takes a value that counts only once, such as a one-time code or the state of an OAuth exchange: reads the field
    /// and removes it from the store, in one atomic write. Of requests that run at once, on any server, one gets the
    /// value and the others `nil`. What was changed before is saved with it.
    ///
    /// ```swift
    /// guard try await session.take("otp", as: String.self) == code else { throw HTTPError(.forbidden) }
    /// ```
    ///
    /// A field that isn't there, as far as the request knows, costs no trip. Where the store's answer was lost, taking
    /// the field again in the same request is another try of the same write, and gives the value if that was applied.
    ///
    /// - Returns: The value that was removed, which may be newer than the one the request has read; `nil` where there is
    ///   none, or where it was of another type, with ``SessionEvent/unreadableField(session:field:)``.
    /// - Throws: ``SessionError``: as ``save()``; `invalidField` for a reserved name.
    public func take<Value: Decodable & Sendable>(_ name: String, as type: Value.Type) async throws(SessionError)
        -> Value?
    {
        guard let encoded = try await takeEncodedValue(of: name) else { return nil }
        return decode(encoded, of: name, as: type)
    }

    /// Takes a typed key's value; see ``take(_:as:)``.
    public func take<Key: SessionKey>(_ key: Key.Type) async throws(SessionError) -> Key.Value? {
        try await take(Key.name, as: Key.Value.self)
    }

    private func takeEncodedValue(of name: String) async throws(SessionError) -> EncodedJSON? {
        try requireAttached()
        guard !Field.isSaveOnly(name) else {
            throw SessionError(.invalidField, "names that begin with '__' are reserved: '\(name)'")
        }
        await gate.enter()
        defer { gate.leave() }
        let found = withState { state in
            state.wasUsed = true
            return state.take(name)
        }
        switch found {
        case .here(let value): return value
        case .pending: try await commit()
        case .stored: break
        }
        let fields = try await commit(operations: [(name, .remove)])
        return fields.first { $0.name.hasSameBytes(as: name) }?.value
    }
}

/// Where a value is that is to be taken.
private enum TakenValue: Sendable {
    /// With the request alone: taken, or not there at all.
    case here(EncodedJSON?)
    /// With the request, on top of what is stored.
    case pending
    /// In the store.
    case stored
}

extension SessionState {
    /// Takes a value that nobody else can reach, and says where it is otherwise.
    fileprivate mutating func take(_ name: String) -> TakenValue {
        if case .fresh = standing { return .here(pop(name, policy: nil)) }
        // That it ended is the save's to tell.
        if case .ended = standing { return .stored }
        if let entry = pending[name] { return entry.value == nil ? .here(nil) : .pending }
        // A try before this one may have taken it.
        return storedField(name) == nil && unresolved == nil ? .here(nil) : .stored
    }
}
