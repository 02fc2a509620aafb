extension ModelCollection {
    /// Removes a model, with its `destroy` hook before and its `afterDestroy` hook after; both get the whole model as
    /// it was stored. Where the model isn't there no hook runs.
    ///
    /// - Returns: Whether this call removed it. Where another removed it between the two hooks, `afterDestroy` does
    ///   not run.
    /// - Throws: What the store or a hook throws; an error of the `destroy` hook leaves the model where it is.
    @discardableResult
    public func destroy(_ id: ModelID) async throws -> Bool {
        guard hooks.destroy != nil || hooks.afterDestroy != nil else { return try await remove(id) }
        guard let model = try await fetch(id) else { return false }
        try await hooks.destroy?(model)
        guard try await remove(id) else { return false }
        try await hooks.afterDestroy?(model)
        return true
    }

    /// Removes the model of this id, as ``destroy(_:)`` for an id does.
    @discardableResult
    public func destroy(_ model: Model) async throws -> Bool {
        try await destroy(model.id)
    }
}
