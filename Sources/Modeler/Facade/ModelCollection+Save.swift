extension ModelCollection {
    /// Stores a model: a new one of revision 0, or the changes made to one that was loaded.
    ///
    /// Only fields that differ from the stored ones are written, together with the revision check, in one atomic
    /// change. Stored save-only fields that the model lacks, as it does after a normal load, stay. The idle limit
    /// starts anew. Afterwards the model is what a load would give; where anything throws before the write, it is
    /// as it was.
    ///
    /// - Parameters:
    ///   - model: The model. Its revision and `updated` move.
    ///   - expiry: New limits. By default those of the collection for a new model, else those it has.
    /// - Throws: ``ModelError/Code/revisionConflict`` where another has written the model since it was read, with
    ///   what is stored; or where it is no longer there, with nothing: a removed model is not brought back.
    ///   What a hook throws; an error of the `load` or `afterSave` hook comes after the write.
    public func save(_ model: inout Model, expiry: Expiry? = nil) async throws {
        let stored =
            model.revision == 0
            ? try await insert(model, expiry: expiry ?? self.expiry)
            : try await update(model, expiry: expiry)
        model = stored
        if hooks.save != nil { try await hooks.load?(&model) }
        model.fields = model.fields.withoutSaveOnly
        try await hooks.afterSave?(model)
    }

    /// Stores a model as ``save(_:expiry:)`` for a variable does, and gives it as it is then: for one that an actor
    /// keeps, which can't be lent for so long.
    public func save(_ model: Model, expiry: Expiry? = nil) async throws -> Model {
        var model = model
        try await save(&model, expiry: expiry)
        return model
    }

    /// Stores a new model, and gives it as stored.
    private func insert(_ model: Model, expiry: Expiry) async throws -> Model {
        var candidate = model
        candidate.revision = 1
        try await hooks.save?(&candidate, nil)
        let fields = candidate.fields.map { (name: $0.name, value: $0.value) }
        switch try await insert(NewModel(id: model.id, fields: fields), expiry: expiry) {
        case .inserted(let commit): return candidate.stored(by: commit, over: [])
        case .exists(let existing): throw revisionConflict(model.id, existing)
        }
    }

    /// Writes what a model has changed, and gives it as stored.
    private func update(_ model: Model, expiry: Expiry?) async throws -> Model {
        let existing = try await fetch(model.id)
        guard let existing, existing.revision == model.revision else {
            throw revisionConflict(model.id, existing)
        }
        var candidate = model
        for field in existing.fields where Field.isSaveOnly(field.name) && candidate.fields[field.name] == nil {
            candidate.fields[field.name] = field
        }
        candidate.revision = existing.revision + 1
        candidate.updated = max(existing.updated, existing.lifetime?.now ?? existing.updated)
        try await hooks.save?(&candidate, existing)
        let change = Change(
            existing.fields.operations(toBecome: candidate.fields),
            expecting: .revision(existing.revision),
            renewal: expiry.map(Change.Renewal.replace) ?? .touch,
            base: existing.revision
        )
        switch try await commit(change, to: model.id) {
        case .committed(let commit): return candidate.stored(by: commit, over: existing.fields)
        case .conflict(let current): throw revisionConflict(model.id, current)
        case .gone: throw revisionConflict(model.id, nil)
        }
    }

    private func revisionConflict(_ id: ModelID, _ existing: Model?) -> ModelError {
        guard var existing else {
            return ModelError(.revisionConflict, "model \(id) is no longer there; it was removed or has expired")
        }
        existing.fields = existing.fields.withoutSaveOnly
        return ModelError(
            .revisionConflict,
            "model \(id) is stored at revision \(existing.revision) already; load it and make the change again",
            existing: existing
        )
    }
}

extension Fields {
    /// The operations that turn these fields into others. At least one, so that a save is always a write.
    fileprivate func operations(toBecome other: Fields) -> [FieldChange] {
        var operations: [FieldChange] = []
        for field in other where self[field.name]?.value != field.value {
            operations.append(FieldChange(field.name, .set(field.value)))
        }
        for field in self where other[field.name] == nil {
            operations.append(FieldChange(field.name, .remove))
        }
        if operations.isEmpty {
            operations = first.map { [FieldChange($0.name, .setIfAbsent($0.value))] } ?? [FieldChange("", .remove)]
        }
        return operations
    }
}

extension Model {
    /// The model after a commit wrote what differs from older fields.
    fileprivate func stored(by commit: Commit, over old: Fields) -> Model {
        let fields = fields.map { field in
            let kept = old[field.name].flatMap { $0.value == field.value ? $0.revision : nil }
            return Field(name: field.name, value: field.value, revision: kept ?? commit.revision)
        }
        return Model(
            id: id,
            revision: commit.revision,
            created: commit.created,
            updated: commit.updated,
            fields: Fields(fields),
            lifetime: commit.lifetime
        )
    }
}
