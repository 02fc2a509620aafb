import Modeler

/// The contract of `ModelCollection` as a plain value: what a store's answers are compared with.
///
/// It shares no code with any store: fields are decoded values in a dictionary, and time is a number.
public struct ReferenceModel: Sendable {
    private struct Record {
        var revision = 1
        var fields: [String: Observation.Cell]
        var idle: Int?
        var absolute: Int?
        var created: Int
        var updated: Int
        var renewed: Int
        /// The operation of each revision, the first at 0.
        var writers: [OperationID]
        /// Where the record is in the order of insertion.
        var place: Int

        var deadline: Int? {
            switch (idle, absolute) {
            case (let idle?, let absolute?): min(renewed + idle, created + absolute)
            case (let idle?, nil): renewed + idle
            case (nil, let absolute?): created + absolute
            case (nil, nil): nil
            }
        }
    }

    private var records: [ModelID: Record] = [:]
    private var now = 0
    private var insertions = 0
    private let exactTimes: Bool

    /// A store without models.
    ///
    /// - Parameter exactTimes: Whether observations carry times, as for a store whose clock is the test's.
    public init(exactTimes: Bool) {
        self.exactTimes = exactTimes
    }

    /// What a correct store answers to a step.
    public mutating func run(_ step: Step) throws -> Observation {
        switch step {
        case .pass(let milliseconds):
            now += milliseconds
            records = records.filter { _, record in record.deadline.map { $0 > now } ?? true }
            return .passed
        case .fetch(let ids): return .models(ids.map { state(of: $0) })
        case .remove(let id, let expecting): return remove(id, expecting)
        case .list(let order, _):
            let ids = records.sorted { $0.value.place < $1.value.place }.map(\.key)
            return .listed(order == .oldestFirst ? ids : ids.reversed())
        case .insert(let model, let expiry): return try insert(model, expiry)
        case .commit(let change, let id): return try commit(change, id)
        }
    }

    private mutating func insert(_ model: NewModel, _ expiry: Expiry) throws -> Observation {
        if let record = records[model.id] {
            if model.isRepeated {
                guard record.revision <= Self.writersKept else { return .refused(.outcomeUnknown) }
                if record.writers[0] == model.operation { return .inserted(write(record, 1, [:])) }
            }
            // There is a record, so there is a state.
            return state(of: model.id).map(Observation.exists) ?? .gone
        }
        var fields: [String: Observation.Cell] = [:]
        for (name, value) in model.fields {
            fields[name] = Observation.Cell(Observation.Value(try value.value()), 1)
        }
        insertions += 1
        let record = Record(
            fields: fields,
            idle: expiry.idle.map(milliseconds),
            absolute: expiry.absolute.map(milliseconds),
            created: now,
            updated: now,
            renewed: now,
            writers: [model.operation],
            place: insertions
        )
        records[model.id] = record
        return .inserted(write(record, 1, [:]))
    }

    private mutating func remove(_ id: ModelID, _ expecting: Change.Expectation) -> Observation {
        guard let record = records[id] else { return .gone }
        if !holds(expecting, record), let state = state(of: id) { return .conflict(state) }
        records[id] = nil
        return .removed
    }

    /// The writes of a model whose repetition every store of this package can tell.
    private static let writersKept = 10

    /// What a change that was asked before is answered, or `nil` where it is to be applied now.
    private func repeated(_ change: Change, _ record: Record) -> Observation? {
        guard change.isRepeated else { return nil }
        let oldest = max(0, record.revision - Self.writersKept)
        if let index = record.writers[oldest...].lastIndex(of: change.operation) {
            var values: [String: Observation.Value] = [:]
            for entry in change.operations {
                let name = entry.name
                switch entry.operation {
                case .set, .remove: break
                case .increment, .append, .setIfAbsent: values[name] = record.fields[name]?.value
                }
            }
            return .committed(write(record, index + 1, values))
        }
        return oldest > change.base && !change.operations.isEmpty ? .refused(.outcomeUnknown) : nil
    }

    private func holds(_ expecting: Change.Expectation, _ record: Record) -> Bool {
        switch expecting {
        case .nothing: true
        case .revision(let revision): record.revision == revision
        case .fields(let pairs): pairs.allSatisfy { record.fields[$0.name]?.revision ?? 0 == $0.revision }
        }
    }

    private mutating func commit(_ change: Change, _ id: ModelID) throws -> Observation {
        guard var record = records[id] else { return .gone }
        if let answer = repeated(change, record) { return answer }
        guard holds(change.expecting, record) else { return state(of: id).map(Observation.conflict) ?? .gone }
        var values: [String: Observation.Value] = [:]
        for entry in change.operations {
            let (name, operation) = (entry.name, entry.operation)
            let old = record.fields[name]
            guard let new = try Self.result(of: operation, on: old?.value.json) else { return .refused(.invalidChange) }
            switch (operation, old) {
            case (.remove, _): record.fields[name] = nil
            case (.setIfAbsent, let old?): values[name] = old.value
            default:
                record.fields[name] = Observation.Cell(Observation.Value(new), record.revision + 1)
                if case .set = operation {} else { values[name] = Observation.Value(new) }
            }
        }
        if !change.operations.isEmpty {
            record.revision += 1
            record.updated = now
            record.writers.append(change.operation)
        }
        renew(&record, change.renewal)
        put(record, id)
        return .committed(write(record, record.revision, values))
    }

    /// The value an operation makes, or `nil` where it is refused. What a removal makes is of no account.
    private static func result(of operation: FieldOperation, on old: JSONValue?) throws -> JSONValue? {
        switch operation {
        case .set(let value), .setIfAbsent(let value): return try value.value()
        case .remove: return .null
        case .increment(let amount):
            let limit = 9_007_199_254_740_991
            guard case .integer(let number) = old ?? 0, number.magnitude <= limit, amount.magnitude <= limit,
                (number + amount).magnitude <= limit
            else { return nil }
            return .integer(number + amount)
        case .append(let value, let maximum):
            guard case .array(let elements) = old ?? [] else { return nil }
            return .array(Array((elements + [try value.value()]).suffix(maximum)))
        }
    }

    private func renew(_ record: inout Record, _ renewal: Change.Renewal) {
        if case .keep = renewal { return }
        if case .replace(let expiry) = renewal {
            record.idle = expiry.idle.map(milliseconds)
            record.absolute = expiry.absolute.map(milliseconds)
        }
        record.renewed = now
    }

    private mutating func put(_ record: Record, _ id: ModelID) {
        let isOver = record.deadline.map { $0 <= now } ?? false
        records[id] = isOver ? nil : record
    }

    private func state(of id: ModelID) -> Observation.State? {
        records[id].map {
            Observation.State(
                id: id,
                revision: $0.revision,
                fields: $0.fields,
                life: life($0),
                age: exactTimes ? .milliseconds($0.updated - $0.created) : nil
            )
        }
    }

    private func life(_ record: Record) -> Observation.Life {
        let remaining = record.deadline.map { Duration.milliseconds(max($0 - now, 0)) }
        return Observation.Life(
            expiry: Expiry(
                idle: record.idle.map { .milliseconds($0) },
                absolute: record.absolute.map { .milliseconds($0) }
            ),
            hasDeadline: remaining != nil,
            remaining: exactTimes ? remaining : nil
        )
    }

    private func write(_ record: Record, _ revision: Revision, _ values: [String: Observation.Value])
        -> Observation.Write
    {
        Observation.Write(
            revision: revision,
            life: life(record),
            age: exactTimes ? .milliseconds(record.updated - record.created) : nil,
            values: values
        )
    }

    private func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}
