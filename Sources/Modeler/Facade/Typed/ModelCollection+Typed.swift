extension ModelCollection {
    /// Makes a model of a value's members and stores it: revision 1. Its hooks run as for any other model.
    ///
    /// - Parameters:
    ///   - value: A value that encodes as an object.
    ///   - id: What names the model; a random one by default.
    ///   - expiry: The model's limits; those of the collection by default.
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value doesn't encode as an object, or what the hooks made
    ///   of it is no such value; ``ModelError/Code/revisionConflict`` with the stored model where the id is taken; what
    ///   a hook or the store throws.
    // Disfavored, so that a literal of members is a schemaless model's and not a dictionary.
    @_disfavoredOverload
    @discardableResult
    public func create<Value: Codable & Sendable>(
        _ value: Value,
        id: ModelID? = nil,
        expiry: Expiry? = nil
    ) async throws -> TypedModel<Value> {
        try TypedModel(try await create(encoding: value, id: id, expiry: expiry))
    }

    /// The model of an id as a value, or `nil` when it isn't there. Its `load` hook has run.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where its fields don't fit the type; what the store or the hook
    ///   throws.
    public func load<Value: Codable & Sendable>(
        _ id: ModelID,
        as type: Value.Type
    ) async throws -> TypedModel<Value>? {
        try await load(id).map { try TypedModel($0) }
    }

    /// The models of these ids as values, in the order asked, with `nil` for each that isn't there.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where fields don't fit the type; what the store or the hook throws.
    public func load<Value: Codable & Sendable>(
        _ ids: [ModelID],
        as type: Value.Type
    ) async throws -> [TypedModel<Value>?] {
        try await load(ids).map { try $0.map { try TypedModel($0) } }
    }

    /// Stores the changes made to a value, as a save of its model does: only members that changed are written, with
    /// the revision check.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where the value doesn't encode as an object, before the write, or
    ///   where what the hooks made of it is no such value, after it; else as the save of a model. Where anything throws
    ///   before the write, the value is as it was.
    public func save<Value: Codable & Sendable>(
        _ typed: inout TypedModel<Value>,
        expiry: Expiry? = nil
    ) async throws {
        var model = try typed.updatedModel()
        do {
            try await save(&model, expiry: expiry)
        } catch {
            // A hook that fails after the write leaves the model written.
            if model.revision > typed.revision, let written = try? TypedModel<Value>(model) { typed = written }
            throw error
        }
        typed = try TypedModel(model)
    }

    /// Stores the changes made to a value as ``save(_:expiry:)`` for a variable does, and gives it as it is then: for
    /// one that an actor keeps, which can't be lent for so long.
    public func save<Value: Codable & Sendable>(
        _ typed: TypedModel<Value>,
        expiry: Expiry? = nil
    ) async throws -> TypedModel<Value> {
        var typed = typed
        try await save(&typed, expiry: expiry)
        return typed
    }

    /// Removes the model of a value, as ``destroy(_:)`` for an id does.
    @discardableResult
    public func destroy<Value: Codable & Sendable>(_ typed: TypedModel<Value>) async throws -> Bool {
        try await destroy(typed.id)
    }
}

extension ListingCollection {
    /// Models as values, in the order of their insertion, as ``list(offset:limit:reverse:load:)``.
    ///
    /// - Throws: ``ModelError/Code/invalidJSON`` where fields don't fit the type; ``ModelError/Code/invalidChange`` for
    ///   a negative offset or limit; what the store or the `load` hook throws.
    public func list<Value: Codable & Sendable>(
        offset: Int = 0,
        limit: Int? = nil,
        reverse: Bool = false,
        as type: Value.Type
    ) async throws -> [TypedModel<Value>] {
        try await list(offset: offset, limit: limit, reverse: reverse, load: .normal).map { try TypedModel($0) }
    }

    /// Models as values, in chunks, as ``chunks(of:offset:limit:reverse:load:)``. The iterator also throws
    /// ``ModelError/Code/invalidJSON`` where fields don't fit the type.
    public func chunks<Value: Codable & Sendable>(
        of size: Int,
        offset: Int = 0,
        limit: Int? = nil,
        reverse: Bool = false,
        as type: Value.Type
    ) -> ModelChunks<TypedModel<Value>> {
        let range = ListRange(chunk: size, offset: offset, limit: limit, reverse: reverse)
        return ModelChunks(collection: self, range: range) { ids in
            try await load(ids).compactMap { try $0.map { try TypedModel($0) } }
        }
    }
}
