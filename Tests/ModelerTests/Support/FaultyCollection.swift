import Modeler
import ModelerTesting

/// A collection with one fault, to see that the suites find it.
final class FaultyCollection: ModelCollection {
    enum Fault: CaseIterable {
        case ignoresExpectations, ignoresFieldExpectations, createsOnCommit, insertOverwrites, readsThenWrites
        case revisionStays, fieldsShareRevision, dropsDeadline, touchIgnored, forgetsOperations, staleReads
        case removeForgets, keepIsTouch, appendKeepsAll
    }

    let base: MemoryCollection
    let fault: Fault
    private let earlier = Guarded<[ModelID: Model]>([:])

    init(_ fault: Fault, base: MemoryCollection) {
        self.fault = fault
        self.base = base
    }

    static func store(_ fault: Fault) -> CollectionUnderTest {
        let clock = ManualClock()
        return CollectionUnderTest(
            isClockManual: true,
            timeUnit: .seconds(1),
            make: { FaultyCollection(fault, base: MemoryCollection(hooks: $0, now: { clock.now })) },
            letTimePass: { clock.advance(by: $0) }
        )
    }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        if fault == .insertOverwrites { try await base.remove(model.id) }
        var model = model
        if fault == .forgetsOperations { model.operation = OperationID() }
        return try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        var models = try await base.fetch(ids)
        for index in models.indices {
            guard var model = models[index] else { continue }
            if fault == .fieldsShareRevision {
                model.fields = Fields(
                    model.fields.map { Field(name: $0.name, value: $0.value, revision: model.revision) }
                )
            }
            let older = earlier.withLock { $0[model.id] }
            if fault == .staleReads, let older { model = older }
            models[index] = model
        }
        return models
    }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        var change = change
        switch fault {
        case .ignoresExpectations: change.expecting = .nothing
        case .ignoresFieldExpectations: if case .fields = change.expecting { change.expecting = .nothing }
        case .forgetsOperations: change.operation = OperationID()
        case .dropsDeadline: change.renewal = .replace(.never)
        case .keepIsTouch: if change.renewal == .keep { change.renewal = .touch }
        case .appendKeepsAll:
            change.operations = change.operations.map { name, operation in
                guard case .append(let value, let maximum) = operation, maximum > 0 else { return (name, operation) }
                return (name, .append(value, maximum: .max))
            }
        case .createsOnCommit:
            if try await base.fetch(id) == nil {
                _ = try await base.insert(NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(3600)))
            }
        case .staleReads:
            let model = try await base.fetch(id)
            earlier.withLock { $0[id] = model }
        case .readsThenWrites: return try await overwrite(change, id)
        default: break
        }
        let outcome = try await base.commit(change, to: id)
        guard fault == .revisionStays, case .committed(var commit) = outcome else { return outcome }
        commit.revision -= 1
        return .committed(commit)
    }

    /// Reads the model, changes it, and stores it whole over whatever is there by then.
    private func overwrite(_ change: Change, _ id: ModelID) async throws(ModelError) -> CommitOutcome {
        guard let model = try await base.fetch(id) else { return .gone }
        await Task.yield()
        var change = change
        let others = model.fields.filter { field in !change.operations.contains { $0.name == field.name } }
        change.operations += others.map { ($0.name, .set($0.value)) }
        return try await base.commit(change, to: id)
    }

    func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        fault == .touchIgnored
            ? try await base.fetch(id)?.lifetime : try await base.touch(id, expiry: expiry)
    }

    func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        fault == .removeForgets ? try await base.fetch(id) != nil : try await base.remove(id)
    }
}
