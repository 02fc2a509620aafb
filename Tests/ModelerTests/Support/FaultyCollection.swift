import Modeler
import ModelerTesting

/// A collection with one fault, to see that the suites find it.
final class FaultyCollection: ModelCollection {
    enum Fault: CaseIterable {
        case ignoresExpectations, ignoresFieldExpectations, createsOnCommit, insertOverwrites, readsThenWrites
        case revisionStays, fieldsShareRevision, dropsDeadline, touchIgnored, forgetsOperations, takesEqualsForOne,
            staleReads
        case removeForgets, removesWhateverIsThere, keepIsTouch, appendKeepsAll
        case foundAtDeadline, nowIsUpdated, updatedGoesBack, appliesOldOperationsAnew, forgetsOperationsWithTime
    }

    /// Those that come to light only in a situation that no random sequence of few steps gets into.
    static let rare: [Fault] = [
        .foundAtDeadline, .nowIsUpdated, .updatedGoesBack, .forgetsOperationsWithTime,
    ]

    let base: MemoryCollection
    let fault: Fault
    private let clock: ManualClock
    private let earlier = Guarded<[ModelID: Model]>([:])
    private let asked = Guarded<[OperationID: Timestamp]>([:])

    init(_ fault: Fault, base: MemoryCollection, clock: ManualClock) {
        self.fault = fault
        self.base = base
        self.clock = clock
    }

    static func store(_ fault: Fault) -> CollectionUnderTest {
        let clock = ManualClock()
        return CollectionUnderTest(
            isClockManual: true,
            timeUnit: .seconds(1),
            make: { FaultyCollection(fault, base: MemoryCollection(hooks: $0, now: { clock.now }), clock: clock) },
            letTimePass: { clock.advance(by: $0) },
            turnClockBack: { clock.turnBack(by: $0) }
        )
    }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        if fault == .insertOverwrites { try await base.remove(model.id) }
        var model = model
        if fault == .forgetsOperations { model.isRepeated = false }
        if fault == .takesEqualsForOne { model.isRepeated = true }
        return try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        var models = try await base.fetch(ids)
        for index in models.indices {
            if fault == .foundAtDeadline { models[index] = models[index] ?? found(ids[index]) }
            guard var model = models[index] else { continue }
            if fault == .foundAtDeadline { earlier.withLock { [model] in $0[model.id] = model } }
            if fault == .nowIsUpdated, model.lifetime?.expires == nil { model.lifetime?.now = model.updated }
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

    /// A model that was read before and whose deadline is right now.
    private func found(_ id: ModelID) -> Model? {
        let model = earlier.withLock { $0[id] }
        return model?.lifetime?.expires == clock.now ? model : nil
    }

    /// Whether a change was first asked for more than a minute ago.
    private func isOld(_ change: Change) -> Bool {
        let now = clock.now
        return asked.withLock { asked in
            let first = asked[change.operation] ?? now
            asked[change.operation] = first
            return now.milliseconds - first.milliseconds > 60_000
        }
    }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        var change = change
        switch fault {
        case .ignoresExpectations: change.expecting = .nothing
        case .ignoresFieldExpectations: if case .fields = change.expecting { change.expecting = .nothing }
        case .forgetsOperations: change.isRepeated = false
        case .forgetsOperationsWithTime: if isOld(change) { change.isRepeated = false }
        case .appliesOldOperationsAnew: return try await applyAnew(change, id)
        case .takesEqualsForOne: change.isRepeated = true
        case .touchIgnored where change.operations.isEmpty: change.renewal = .keep
        case .dropsDeadline: change.renewal = .replace(.never)
        case .keepIsTouch: if change.renewal == .keep { change.renewal = .touch }
        case .appendKeepsAll:
            change.operations = change.operations.map { change in
                guard case .append(let value, let maximum) = change.operation, maximum > 0 else { return change }
                return FieldChange(change.name, .append(value, maximum: .max))
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
        guard case .committed(var commit) = outcome else { return outcome }
        if fault == .revisionStays { commit.revision -= 1 }
        if fault == .updatedGoesBack { commit.updated = min(commit.updated, clock.now) }
        return .committed(commit)
    }

    /// Takes an operation that it doesn't remember for one that was never applied.
    private func applyAnew(_ change: Change, _ id: ModelID) async throws(ModelError) -> CommitOutcome {
        do {
            return try await base.commit(change, to: id)
        } catch  where error.code == .outcomeUnknown {
            var change = change
            change.isRepeated = false
            return try await base.commit(change, to: id)
        }
    }

    /// Reads the model, changes it, and stores it whole over whatever is there by then.
    private func overwrite(_ change: Change, _ id: ModelID) async throws(ModelError) -> CommitOutcome {
        guard let model = try await base.fetch(id) else { return .gone }
        await Task.yield()
        var change = change
        let others = model.fields.filter { field in !change.operations.contains { $0.name == field.name } }
        change.operations += others.map { FieldChange($0.name, .set($0.value)) }
        return try await base.commit(change, to: id)
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        switch fault {
        case .removeForgets: try await base.fetch(id) != nil ? .removed(.confirmed) : .gone
        case .removesWhateverIsThere: try await base.remove(id) ? .removed(.confirmed) : .gone
        default: try await base.remove(id, expecting: expecting)
        }
    }
}
