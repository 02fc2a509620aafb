extension ModelCollection {
    /// The model of an id, or `nil` when it isn't there. Its `load` hook has run.
    ///
    /// - Parameter raw: Whether save-only fields, whose names begin with `__`, are kept.
    /// - Throws: What the store or the hook throws.
    public func load(_ id: ModelID, raw: Bool = false) async throws -> Model? {
        guard let model = try await fetch(id) else { return nil }
        return try await shown(model, raw: raw)
    }

    /// The models of these ids, in the order asked, with `nil` for each that isn't there.
    ///
    /// - Parameter raw: Whether save-only fields, whose names begin with `__`, are kept.
    /// - Throws: What the store or the hook throws.
    public func load(_ ids: [ModelID], raw: Bool = false) async throws -> [Model?] {
        var models = try await fetch(ids)
        for index in models.indices {
            guard let model = models[index] else { continue }
            models[index] = try await shown(model, raw: raw)
        }
        return models
    }

    /// A stored model as a load gives it.
    private func shown(_ model: Model, raw: Bool) async throws -> Model {
        var model = model
        try await hooks.load?(&model)
        if !raw { model.fields = model.fields.withoutSaveOnly }
        return model
    }
}
