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
    /// - Returns: The value that was removed, which may be newer than the one the request has read; `nil` where there
    ///   is none, or where it was of another type, with ``SessionEvent/unreadableField(session:field:)``.
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
        try ReservedField.refuse(name)
        await gate.enter()
        defer { gate.leave() }
        let found = withMachine { machine in
            machine.exchange.wasUsed = true
            return machine.take(name)
        }
        switch found {
        case .here(let value): return value
        case .pending: try await Saver(self).run(SaveCall(.save))
        case .stored: break
        }
        let call = try await Saver(self).run(SaveCall(.save, operations: [.init(name, .remove)]))
        return call.results.first { $0.name.hasSameBytes(as: name) }?.value
    }
}
