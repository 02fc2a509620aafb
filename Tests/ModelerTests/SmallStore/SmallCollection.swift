// snippet: small-store
import Foundation
import Modeler
import Synchronization

/// A whole store: models and their owners in a dictionary, with no bound on memory.
final class SmallCollection: OwnerIndexCollection {
    let name: String
    let expiry: Expiry
    let hooks: ModelHooks
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(
        name: String,
        expiry: Expiry = .never,
        hooks: ModelHooks = ModelHooks(),
        clock: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }
    ) {
        self.name = name
        self.expiry = expiry
        self.hooks = hooks
        self.clock = clock
    }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try model.validate()
        try expiry.validate()
        return try atomically { (state, now) throws(ModelError) in
            if let record = state.live(model.id, now: now) {
                guard model.isRepeated,
                    try record.log.holdsInsertion(by: model.operation, newest: record.head.revision)
                else { return .exists(record.model(id: model.id, now: now)) }
                return .inserted(record.head.commit(revision: 1, now: now))
            }
            let record = Record(model, expiry: expiry, now: now)
            state.records[model.id] = record
            return .inserted(record.head.commit(now: now))
        }
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        try atomically { (state, now) throws(ModelError) in
            ids.map { state.live($0, now: now)?.model(id: $0, now: now) }
        }
    }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try change.validate()
        return try atomically { (state, now) throws(ModelError) in
            guard var record = state.live(id, now: now) else { return .gone }
            let outcome = try record.commit(change, id: id, now: now)
            state.records[id] = record
            return outcome
        }
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        try atomically { (state, now) throws(ModelError) in
            guard let record = state.live(id, now: now) else { return .gone }
            guard record.satisfies(expecting) else { return .conflict(record.model(id: id, now: now)) }
            state.records[id] = nil
            return .removed(.confirmed)
        }
    }

    func withOwnerIndex<Result: Sendable>(
        of owner: OwnerID,
        _ body: @escaping @Sendable (inout OwnerIndex, _ now: Timestamp) -> Result
    ) async throws(ModelError) -> Result {
        try atomically { (state, now) throws(ModelError) in
            var index = state.owners[owner] ?? OwnerIndex()
            index.trim(now: now)
            let result = body(&index, now)
            state.owners[owner] = index.isSpent(now: now) ? nil : index
            return result
        }
    }

    /// One step that nobody sees the middle of: here a lock, elsewhere a transaction or a script.
    private func atomically<Result: Sendable>(
        _ body: (inout State, _ now: Timestamp) throws(ModelError) -> Result
    ) throws(ModelError) -> Result {
        let reading = clock()
        return try state.withLock { (state) throws(ModelError) in
            // Time never goes back.
            state.now = max(state.now, reading)
            return try body(&state, state.now)
        }
    }
}

private struct State {
    var records: [ModelID: Record] = [:]
    var owners: [OwnerID: OwnerIndex] = [:]
    var now = Timestamp(milliseconds: 0)

    /// The record of an id, unless it has expired.
    func live(_ id: ModelID, now: Timestamp) -> Record? {
        guard let record = records[id], !record.head.isExpired(at: now) else { return nil }
        return record
    }
}

private struct Record {
    var head: RecordHead
    var fields: Fields
    var log = OperationLog()

    init(_ model: NewModel, expiry: Expiry, now: Timestamp) {
        head = RecordHead(expiry: expiry, now: now)
        fields = Fields(model.fields.map { Field(name: $0.name, value: $0.value, revision: 1) })
        log.append(model.operation)
    }

    func model(id: ModelID, now: Timestamp) -> Model { head.model(id: id, fields: fields, now: now) }

    func satisfies(_ expectation: Change.Expectation) -> Bool {
        head.satisfies(expectation) { fields.revision(of: $0) }
    }

    mutating func commit(_ change: Change, id: ModelID, now: Timestamp) throws(ModelError) -> CommitOutcome {
        if let revision = try log.revision(writtenBy: change, newest: head.revision) {
            let made = change.operations.filter(\.operation.makesValue).compactMap { fields[$0.name] }
            return .committed(head.commit(revision: revision, values: made, now: now))
        }
        guard satisfies(change.expecting) else { return .conflict(model(id: id, now: now)) }
        var values: [Field] = []
        if !change.operations.isEmpty {
            let applied = try fields.applying(change.operations, revision: head.revision + 1)
            try head.write(now: now)
            log.append(change.operation)
            (fields, values) = (applied.fields, applied.values)
        }
        head.renew(change.renewal, now: now)
        return .committed(head.commit(values: values, now: now))
    }
}
// end
