import Modeler

extension Session {
    /// Sets a field that lives shorter than the session: a one-time code, the state of an OAuth exchange, "sudo until".
    /// Once its time is over it reads as absent, by the store's clock. Setting it in another way makes it live as long
    /// as the session again.
    ///
    /// ```swift
    /// try session.set("otp", to: code, expiringAfter: .seconds(300))
    /// ```
    ///
    /// - Throws: ``SessionError``: `invalidField` where the value has no JSON form, the name is reserved, or the time
    ///   is below a millisecond; `tooLarge` where the session has ``SessionOptions/maximumFields`` already.
    public func set<Value: Encodable & Sendable>(
        _ name: String,
        to value: Value,
        expiringAfter lifetime: Duration
    ) throws(SessionError) {
        try set(name, to: value, for: lifetime, policy: nil)
    }

    /// Sets a typed key's field for a time; see ``set(_:to:expiringAfter:)-(String,_,_)``.
    public func set<Key: SessionKey>(_ key: Key.Type, to value: Key.Value, expiringAfter lifetime: Duration)
        throws(SessionError)
    {
        try set(Key.name, to: value, for: lifetime, policy: Key.conflictPolicy)
    }

    private func set(
        _ name: String,
        to value: some Encodable & Sendable,
        for lifetime: Duration,
        policy: ConflictPolicy?
    ) throws(SessionError) {
        guard Expiry.isAllowed(lifetime) else {
            throw SessionError(.invalidField, "the field '\(name)' can live for a millisecond or more, up to a century")
        }
        try ReservedField.refuse(name)
        let encoded: EncodedJSON
        do {
            encoded = try EncodedJSON(encoding: value)
        } catch {
            throw SessionError(.invalidField, "the field '\(name)' can't be stored: \(error.message)")
        }
        let maximum = manager.options.maximumFields
        let isSet = withMachine { machine in
            machine.exchange.wasUsed = true
            return machine.set(encoded, of: name, for: lifetime, policy: policy, maximumFields: maximum)
        }
        guard isSet else { throw SessionError(tooManyFieldsIn: id, maximum: maximum) }
    }

    /// How long a field that was set for a time is still there; `nil` where it isn't there, or as long as the session.
    public func remaining(of name: String) -> Duration? {
        observe { $0.remainingTime(of: name) }
    }
}
