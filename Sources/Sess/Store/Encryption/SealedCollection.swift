import Modeler

/// A collection whose fields' values are sealed before the store sees them: a dump of the store shows ids, field names,
/// sizes and times, and no data.
///
/// Every value of every field is sealed, save-only ones too. The store can't compute with sealed values, so increments,
/// appends and set-if-absent are carried out here, on the value that was read, and written only if nobody has changed
/// it meanwhile: just as exact, for a trip more.
final class SealedCollection: ModelCollection {
    let base: any ModelCollection
    private let seal: FieldSeal

    /// A collection over another one, which should be used only through this.
    init(_ base: any ModelCollection, keys: KeyRing) {
        self.base = base
        self.seal = FieldSeal(ring: keys)
    }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        var sealed = model
        let record = seal.record(model.id)
        for index in sealed.fields.indices {
            let field = sealed.fields[index]
            sealed.fields[index].value = try record.seal(field.value, of: field.name)
        }
        switch try await base.insert(sealed, expiry: expiry) {
        case .inserted(let commit): return .inserted(commit)
        case .exists(let existing): return .exists(try opened(existing))
        }
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        var models = try await base.fetch(ids)
        for index in models.indices {
            if let model = models[index] { models[index] = try opened(model) }
        }
        return models
    }

    func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        guard let model = try await base.fetch(id) else { return nil }
        return try opened(model)
    }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try change.validate()
        guard change.operations.contains(where: { $0.operation.needsCurrentValue }) else {
            return try opened(try await base.commit(try sealed(change, id: id), to: id))
        }
        var backoff = Backoff()
        while await backoff.next() {
            guard let current = try await fetch(id) else { return .gone }
            let (resolved, results) = try resolve(change, on: current)
            let outcome = try opened(try await base.commit(try sealed(resolved, id: id), to: id))
            switch outcome {
            case .committed(var commit):
                guard commit.revision > current.revision else {
                    // It had been applied before: the values are those of then or later, not computed once more.
                    commit.values = change.operations.compactMap { entry in
                        entry.operation.makesValue ? current.fields[entry.name] : nil
                    }
                    return .committed(commit)
                }
                commit.values = results
                for index in results.indices where results[index].revision == 0 {
                    commit.values[index].revision = commit.revision
                }
                return .committed(commit)
            case .conflict(let model) where change.expecting.holds(of: model): continue
            case .conflict, .gone: return outcome
            }
        }
        throw ModelError(.overloaded, "\(name) \(id) was changed by others \(Backoff.maximumAttempts) times in a row")
    }

    func remove(
        _ id: ModelID, expecting: Change.Expectation
    ) async throws(ModelError) -> RemoveOutcome {
        let outcome = try await base.remove(id, expecting: expecting)
        guard case .conflict(let model) = outcome else { return outcome }
        return .conflict(try opened(model))
    }

    private func opened(_ model: Model) throws(ModelError) -> Model {
        var fields: [Field] = []
        fields.reserveCapacity(model.fields.count)
        var record = seal.record(model.id)
        for var field in model.fields {
            field.value = try record.open(field.value, of: field.name)
            fields.append(field)
        }
        var model = model
        model.fields = Fields(fields)
        return model
    }

    private func opened(_ outcome: CommitOutcome) throws(ModelError) -> CommitOutcome {
        guard case .conflict(let model) = outcome else { return outcome }
        return .conflict(try opened(model))
    }

    private func sealed(_ change: Change, id: ModelID) throws(ModelError) -> Change {
        var change = change
        // Making a record's seal derives its key.
        guard !change.operations.isEmpty else { return change }
        let record = seal.record(id)
        for index in change.operations.indices {
            if case .set(let value) = change.operations[index].operation {
                let name = change.operations[index].name
                change.operations[index].operation = .set(try record.seal(value, of: name))
            }
        }
        return change
    }

    /// The change with values in place of operations on them, expecting what those were computed from.
    private func resolve(_ change: Change, on current: Model) throws(ModelError) -> (Change, [Field]) {
        let computed = change.operations.filter(\.operation.needsCurrentValue)
        let applied = try current.fields.applying(computed, revision: 0)
        var resolved = change
        resolved.operations = change.operations.filter { !$0.operation.needsCurrentValue }
        var expected = change.expecting.fieldRevisions(of: current)
        for name in computed.map(\.name) {
            let revision = current.fields.revision(of: name)
            if !expected.contains(where: { $0.name.hasSameBytes(as: name) }) {
                expected.append(Change.FieldRevision(name: name, revision: revision))
            }
            guard let field = applied.fields[name] else { continue }
            // What is kept is there, as the change expects it; it is written to nowhere and counts as a write.
            let kept: FieldOperation = field.revision == 0 ? .set(field.value) : .setIfAbsent(.null)
            resolved.operations.append(FieldChange(name, kept))
        }
        if case .revision = change.expecting {
            guard change.expecting.holds(of: current) else { return (change.neverApplied, []) }
        } else {
            resolved.expecting = .fields(expected)
        }
        return (resolved, applied.values)
    }
}

extension FieldOperation {
    fileprivate var needsCurrentValue: Bool {
        switch self {
        case .set, .remove: false
        case .increment, .append, .setIfAbsent: true
        }
    }
}

extension Change {
    /// A change in the place of this one whose expectation doesn't hold, nor will: the store answers whether this one
    /// was applied before, or with the model as it is.
    fileprivate var neverApplied: Change {
        var change = self
        change.operations = operations.prefix(1).map { FieldChange($0.name, .remove) }
        change.expecting = .revision(-1)
        change.renewal = .keep
        return change
    }
}

extension Change.Expectation {
    fileprivate func holds(of model: Model) -> Bool {
        switch self {
        case .nothing: true
        case .revision(let revision): model.revision == revision
        case .fields(let fields): fields.allSatisfy { model.fields.revision(of: $0.name) == $0.revision }
        }
    }

    fileprivate func fieldRevisions(of model: Model) -> [Change.FieldRevision] {
        if case .fields(let fields) = self { fields } else { [] }
    }
}
