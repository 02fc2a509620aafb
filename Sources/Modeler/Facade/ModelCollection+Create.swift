import FoundationEssentials

extension ModelCollection {
    /// Makes a model without storing it: revision 0, its `create` hook run. ``save(_:expiry:)->Model`` stores it.
    ///
    /// - Parameters:
    ///   - attributes: The fields.
    ///   - id: What names the model; a random one by default.
    /// - Throws: ``ModelError/Code/invalidJSON`` for a value without a JSON form; what the hook throws.
    public func make(_ attributes: JSONObject = [:], id: ModelID? = nil) async throws -> Model {
        var fields: [Field] = []
        for (name, value) in attributes {
            fields.append(Field(name: name, value: try EncodedJSON(value), revision: 0))
        }
        return try await make(fields, id: id)
    }

    /// Makes a model of a value's members without storing it, as ``make(_:id:)`` does.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value doesn't encode as an object; what the hook throws.
    public func make(encoding value: some Encodable, id: ModelID? = nil) async throws -> Model {
        let members = try JSONMembers(encoding: value)
        return try await make(members.map { Field(name: $0.name, value: $0.value, revision: 0) }, id: id)
    }

    /// Makes a model and stores it: revision 1.
    ///
    /// - Parameters:
    ///   - attributes: The fields.
    ///   - id: What names the model; a random one by default.
    ///   - expiry: The model's limits; those of the collection by default.
    /// - Throws: ``ModelError/Code/revisionConflict`` with the stored model where the id is taken; what a hook throws.
    @discardableResult
    public func create(
        _ attributes: JSONObject = [:],
        id: ModelID? = nil,
        expiry: Expiry? = nil
    ) async throws -> Model {
        var model = try await make(attributes, id: id)
        try await save(&model, expiry: expiry)
        return model
    }

    /// Makes a model of a value's members and stores it, as ``create(_:id:expiry:)->Model`` does.
    @discardableResult
    public func create(
        encoding value: some Encodable,
        id: ModelID? = nil,
        expiry: Expiry? = nil
    ) async throws -> Model {
        var model = try await make(encoding: value, id: id)
        try await save(&model, expiry: expiry)
        return model
    }

    private func make(_ fields: [Field], id: ModelID?) async throws -> Model {
        let now = Timestamp(Date())
        var model = Model(
            id: id ?? .random(),
            revision: 0,
            created: now,
            updated: now,
            fields: Fields(fields)
        )
        try await hooks.create?(&model)
        return model
    }
}
