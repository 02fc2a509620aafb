/// A model whose fields are the members of a value of a type.
///
/// ```swift
/// var ada = try await people.create(Person(name: "Ada", born: 1815))
/// ada.value.born = 1816
/// try await people.save(&ada)
/// ```
///
/// A save writes the members that changed. Fields that the type doesn't have stay as they are stored.
public struct TypedModel<Value: Codable & Sendable>: Sendable {
    /// The value that the fields make up.
    public var value: Value

    /// The model that the value was read from.
    public private(set) var model: Model

    /// What names the model in its collection.
    public var id: ModelID { model.id }
    /// The number of times the model was written.
    public var revision: Revision { model.revision }
    /// When the model was created, by the store's clock.
    public var created: Timestamp { model.created }
    /// When the model was last written, by the store's clock.
    public var updated: Timestamp { model.updated }
    /// The model's limits and deadline; `nil` for a model that isn't stored yet.
    public var lifetime: Lifetime? { model.lifetime }

    /// Reads a model's fields as a value.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where they don't fit the type.
    public init(_ model: Model) throws(ModelError) {
        self.value = try model.decode()
        self.model = model
    }

    /// The model with the value's members in place of those it was read with.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value doesn't encode as an object.
    func updatedModel() throws(ModelError) -> Model {
        let before = try JSONMembers(encoding: model.decode(Value.self))
        let after = try JSONMembers(encoding: value)
        var updated = model
        for member in before where after[member.name] == nil { updated.fields[member.name] = nil }
        for member in after where before[member.name] != member.value {
            updated.fields[member.name] = Field(name: member.name, value: member.value, revision: 0)
        }
        return updated
    }
}

extension TypedModel: Equatable where Value: Equatable {}

extension JSONMembers {
    /// The members of a value.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value doesn't encode as an object.
    init(encoding value: some Encodable) throws(ModelError) {
        try self.init(parsing: EncodedJSON(encoding: value).bytes)
    }
}
