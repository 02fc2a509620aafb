import Modeler

@testable import Sess

/// A store as a pure value: it answers at once, and its clock moves by a second with each question.
struct PureStore: Sendable {
    fileprivate struct Stored {
        var head: RecordHead
        var fields: Fields
        var log = OperationLog()
    }

    private var records: [ModelID: Stored] = [:]
    /// The store's clock.
    var now = Timestamp(milliseconds: 1_800_000_000_000)
    /// Which records were removed.
    private(set) var removed: Set<ModelID> = []
    /// What the last question has changed: the record before, `nil` for an insertion. `nil` where it changed nothing.
    private(set) var lastWrite: (id: ModelID, before: Model?)?

    var ids: [ModelID] { Array(records.keys) }

    func model(_ id: ModelID) -> Model? {
        guard let stored = records[id], !stored.head.isExpired(at: now) else { return nil }
        return stored.head.model(id: id, fields: stored.fields, now: now)
    }

    /// Another's removal, whatever becomes of the client's token.
    mutating func revoke(_ id: ModelID) {
        if records.removeValue(forKey: id) != nil { removed.insert(id) }
    }

    mutating func answer(_ request: StoreRequest) throws(ModelError) -> StoreAnswer {
        now = now + .seconds(1)
        lastWrite = nil
        switch request {
        case .insert(let model, let expiry): return insert(model, expiry)
        case .commit(let change, let id): return try commit(change, to: id)
        case .remove(let id, let expected):
            guard let stored = records[id] else { return .gone }
            guard stored.satisfies(expected) else {
                return .conflict(stored.head.model(id: id, fields: stored.fields, now: now))
            }
            lastWrite = (id, model(id))
            revoke(id)
            return .removed(.confirmed)
        case .read(let id): return .found(model(id))
        case .confirmOwner(let model), .refreshIndex(let model): return .owned(records[model.id] != nil)
        }
    }

    private mutating func insert(_ model: NewModel, _ expiry: Expiry) -> StoreAnswer {
        guard records[model.id] == nil else { return .exists }
        let head = RecordHead(expiry: expiry, now: now)
        let fields = Fields(model.fields.map { Field(name: $0.name, value: $0.value, revision: 1) })
        var stored = Stored(head: head, fields: fields)
        stored.log.append(model.operation)
        records[model.id] = stored
        lastWrite = (model.id, nil)
        return .inserted(head.commit(now: now))
    }

    private mutating func commit(_ change: Change, to id: ModelID) throws(ModelError) -> StoreAnswer {
        guard var stored = records[id], let before = model(id) else { return .gone }
        if let revision = try stored.log.revision(writtenBy: change, newest: stored.head.revision) {
            let values = change.operations.compactMap { entry in
                entry.operation.makesValue ? stored.fields[entry.name] : nil
            }
            return .committed(stored.head.commit(revision: revision, values: values, now: now))
        }
        guard stored.satisfies(change.expecting) else { return .conflict(before) }
        var values: [Field] = []
        if !change.operations.isEmpty {
            let applied = try stored.fields.applying(change.operations, revision: stored.head.revision + 1)
            try stored.head.write(now: now)
            (stored.fields, values) = (applied.fields, applied.values)
            stored.log.append(change.operation)
        }
        stored.head.renew(change.renewal, now: now)
        records[id] = stored
        lastWrite = (id, before)
        return .committed(stored.head.commit(values: values, now: now))
    }
}

extension PureStore.Stored {
    fileprivate func satisfies(_ expected: Change.Expectation) -> Bool {
        head.satisfies(expected) { fields.revision(of: $0) }
    }
}
