import Modeler

extension Session {
    /// Adds to an integer in one atomic write: no increment is lost, whatever runs beside it. What was changed before
    /// is saved with it. A missing field, and one whose own time is over, count as 0.
    ///
    /// Where the store's answer was lost, doing the same again in the same request is another try of the same write: it
    /// counts once.
    ///
    /// - Returns: The sum.
    /// - Throws: ``SessionError``: as ``save()``; `invalidField` where the field holds no integer or the sum is beyond
    ///   ±(2⁵³ − 1); `tooLarge`.
    @discardableResult
    public func increment(_ name: String, by amount: Int = 1) async throws(SessionError) -> Int {
        let field = try await apply(.increment(by: amount), to: name)
        return try Self.decode(field, as: Int.self)
    }

    /// Adds to a typed key's integer; see ``increment(_:by:)-(String,_)``.
    @discardableResult
    public func increment<Key: SessionKey>(
        _ key: Key.Type,
        by amount: Int = 1
    ) async throws(SessionError) -> Int where Key.Value == Int {
        try await increment(Key.name, by: amount)
    }

    /// Appends to an array in one atomic write. What was changed before is saved with it. A missing field, and one
    /// whose own time is over, count as empty. Where the store's answer was lost, the same again is another try of the
    /// same write.
    ///
    /// - Parameter maximum: How many elements are kept; the first are dropped.
    /// - Throws: ``SessionError``: as ``save()``; `invalidField` where the field holds no array, the element has no
    ///   JSON form, or the maximum is below 1.
    public func append<Element: Encodable & Sendable>(
        _ element: Element,
        to name: String,
        keepingLast maximum: Int
    ) async throws(SessionError) {
        _ = try await apply(.append(try Self.encode(element, name: name), maximum: maximum), to: name)
    }

    /// Stores a value where the field isn't there, in one atomic write. What was changed before is saved with it. A
    /// field whose own time is over isn't there.
    ///
    /// - Returns: The field's value afterwards: this one, or the one that was there.
    /// - Throws: ``SessionError``: as ``save()``; `invalidField` where the value has no JSON form, `unreadable` where
    ///   the one that was there is of another type.
    @discardableResult
    public func setIfAbsent<Value: Codable & Sendable>(
        _ name: String,
        to value: Value
    ) async throws(SessionError) -> Value {
        let field = try await apply(.setIfAbsent(try Self.encode(value, name: name)), to: name)
        return try Self.decode(field, as: Value.self)
    }

    /// Has the store apply an operation.
    ///
    /// - Returns: The field as it is afterwards.
    private func apply(_ operation: FieldOperation, to name: String) async throws(SessionError) -> Field {
        try requireAttached()
        try ReservedField.refuse(name)
        await gate.enter()
        defer { gate.leave() }
        // A value that was set in this request stands before an operation on it.
        let isSavedFirst = withMachine { machine in
            guard let entry = machine.changes.pending[name] else { return false }
            return machine.record != nil || entry.lifetime != nil
        }
        if isSavedFirst { try await Saver(self).run(SaveCall(.save)) }
        let call = try await Saver(self).run(SaveCall(.save, operations: [.init(name, operation)]))
        guard let field = call.results.first(where: { $0.name.hasSameBytes(as: name) }) else {
            throw SessionError(ended: id)
        }
        return field
    }

    private static func encode(_ value: some Encodable, name: String) throws(SessionError) -> EncodedJSON {
        do {
            return try EncodedJSON(encoding: value)
        } catch {
            throw SessionError(.invalidField, "the field '\(name)' can't be stored: \(error.message)")
        }
    }

    private static func decode<Value: Decodable>(_ field: Field, as type: Value.Type) throws(SessionError) -> Value {
        do {
            return try field.value.decode(type)
        } catch {
            throw SessionError(.unreadable, "the field '\(field.name)' is of another type", underlying: error)
        }
    }
}
