extension Model {
    /// A field as a JSON value, decoded when read and encoded when set.
    ///
    /// Reading a field that isn't there gives `null`. A number that has no JSON form (NaN, infinity) becomes `null`, as
    /// JavaScript writes it, and so does what is nested deeper than ``JSONLimits/deepest``; the values around it stay.
    /// ``set(_:to:)`` refuses both instead. To remove a field see ``removeField(_:)``.
    public subscript(name: String) -> JSONValue {
        get { (try? fields[name]?.value.value()) ?? .null }
        set { write(name, EncodedJSON(replacingInvalidIn: newValue)) }
    }

    /// A field's value as a type; `nil` where the field isn't there.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the field holds something else.
    public func value<Value: Decodable>(
        _ name: String,
        as type: Value.Type = Value.self
    ) throws(ModelError) -> Value? {
        try fields[name]?.value.decode(type)
    }

    /// Sets a field to a value.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value has no JSON form. The field is then as it was.
    public mutating func set(_ name: String, to value: some Encodable) throws(ModelError) {
        write(name, try EncodedJSON(encoding: value))
    }

    /// Removes a field, here and with the next save in the store.
    public mutating func removeField(_ name: String) {
        fields[name] = nil
    }

    /// The fields together as a type with a member for each.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where they don't fit the type.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(ModelError) -> Value {
        try JSONMembers(fields.map { (name: $0.name, value: $0.value) }).encoded().decode(type)
    }

    /// Sets a field's bytes. The same bytes again leave the field as it is; others have no revision until a save.
    private mutating func write(_ name: String, _ value: EncodedJSON) {
        guard fields[name]?.value != value else { return }
        fields[name] = Field(name: name, value: value, revision: 0)
    }
}
