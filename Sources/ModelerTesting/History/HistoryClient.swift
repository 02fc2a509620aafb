import Modeler

/// Which model is in which place at the moment.
final class HistorySlots: Sendable {
    private let ids: Guarded<[ModelID?]>

    init(count: Int) { ids = Guarded(Array(repeating: nil, count: count)) }

    var count: Int { ids.withLock { $0.count } }

    subscript(place: Int) -> ModelID? {
        get { ids.withLock { $0[place] } }
        set { ids.withLock { $0[place] = newValue } }
    }
}

/// One client of a load: it chooses, calls and records.
struct HistoryClient {
    static let fieldNames = ["a", "b", "c", "d"]
    /// The field to which each write appends its number.
    static let logName = "log"
    private static let maximumLog = 1 << 20
    /// Writes are numbered, each client's from its own first number on.
    private static let writesPerClient = 1 << 32

    private(set) var events: [ModelID: [HistoryEvent]] = [:]
    private let collection: any ModelCollection
    private let slots: HistorySlots
    /// Whether calls that fail are recorded; otherwise they end the run.
    private let isTolerant: Bool
    private var generator: SeededGenerator
    private var lastWrite: Int
    private typealias Applied = (id: ModelID, attempt: HistoryEvent.Attempt, change: Change, revision: Revision)
    /// Changes of this client that were applied, with the revision that each was given.
    private var applied: [Applied] = []
    /// What this client has last seen of each place's model.
    private var known: [Int: (id: ModelID, revision: Revision, fields: [Revision])] = [:]

    init(
        _ collection: any ModelCollection, number: Int, seed: UInt64, slots: HistorySlots, isTolerant: Bool = false
    ) {
        self.collection = collection
        self.slots = slots
        self.isTolerant = isTolerant
        generator = SeededGenerator(seed: seed)
        lastWrite = number * Self.writesPerClient
    }

    mutating func step() async throws {
        let place = Int.random(in: 0..<slots.count, using: &generator)
        guard let id = slots[place] else { return try await insert(place) }
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<45: try await read(id, place)
        case 45..<92: try await write(id, place)
        case 92..<95: try await touch(id)
        case 95..<97: if !applied.isEmpty { try await askAgain(generator.pick(applied)) }
        default: try await remove(id, place)
        }
    }

    private mutating func insert(_ place: Int) async throws {
        let id = ModelID.random()
        lastWrite += 1
        var fields = Self.fieldNames.map { (name: $0, value: json(String(lastWrite))) }
        fields.append((Self.logName, json("[\(lastWrite)]")))
        let began = HistoryClock.now()
        let attempt = HistoryEvent.Attempt(write: lastWrite, field: nil)
        do {
            let model = NewModel(id: id, fields: fields)
            guard case .inserted(let commit) = try await collection.insert(model, expiry: Expiry(idle: .seconds(3600))),
                commit.revision == 1
            else { throw Violation("a new model was not inserted at revision 1") }
        } catch let error as ModelError where isPartOfHistory(error) {
            // Of one whose answer is lost nobody else knows the id.
            if isTolerant { record(id, began, .failed(error.code), attempt) }
            return
        }
        record(id, began, .inserted(write: lastWrite), attempt)
        slots[place] = id
    }

    private mutating func read(_ id: ModelID, _ place: Int) async throws {
        let began = HistoryClock.now()
        do {
            guard let model = try await collection.fetch(id) else { return record(id, began, .gone) }
            let seen = try see(model, place)
            record(id, began, .read(model.revision, seen.fields), log: seen.log)
        } catch let error as ModelError where canRecord(error) {
            record(id, began, .failed(error.code))
        }
    }

    private func canRecord(_ error: ModelError) -> Bool { isTolerant && error.code != .cancelled }

    private func isPartOfHistory(_ error: ModelError) -> Bool { error.code == .outcomeUnknown || canRecord(error) }

    private mutating func write(_ id: ModelID, _ place: Int) async throws {
        lastWrite += 1
        let field = Int.random(in: Self.fieldNames.indices, using: &generator)
        var expected = HistoryEvent.Expected.nothing
        if let known = known[place], known.id == id {
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: expected = .revision(known.revision)
            case 1: expected = .field(field, known.fields[field])
            default: break
            }
        }
        let value = json(String(lastWrite))
        let change = Change(
            [
                .init(Self.fieldNames[field], .set(value)),
                .init(Self.logName, .append(value, maximum: Self.maximumLog)),
            ],
            expecting: expected.expectation)
        let attempt = HistoryEvent.Attempt(write: lastWrite, field: field)
        let began = HistoryClock.now()
        do {
            switch try await collection.commit(change, to: id) {
            case .committed(let commit):
                record(id, began, .committed(field: field, write: lastWrite, expected, commit.revision), attempt)
                noteCommit(place, id, field, commit.revision)
                applied.append((id, attempt, change, commit.revision))
                if applied.count > 8 { applied.removeFirst() }
            case .conflict(let model):
                let seen = try see(model, place)
                record(id, began, .refused(expected, model.revision, seen.fields), attempt, log: seen.log)
            case .gone: record(id, began, .gone, attempt)
            }
        } catch let error as ModelError where error.code == .outcomeUnknown {
            record(id, began, .unknown(field: field, write: lastWrite), attempt)
        } catch let error as ModelError where canRecord(error) {
            record(id, began, .failed(error.code), attempt)
        }
    }

    /// Asks again for a change that was applied, as after a lost answer.
    private mutating func askAgain(_ last: Applied) async throws {
        let began = HistoryClock.now()
        do {
            switch try await collection.commit(last.change.repeated, to: last.id) {
            case .committed(let commit):
                record(last.id, began, .repeated(first: last.revision, commit.revision), last.attempt)
            case .conflict: record(last.id, began, .repeated(first: last.revision, nil), last.attempt)
            case .gone: record(last.id, began, .gone)
            }
        } catch {
            guard isPartOfHistory(error) else { throw error }
        }
    }

    private mutating func touch(_ id: ModelID) async throws {
        let began = HistoryClock.now()
        do {
            switch try await collection.commit(Change(), to: id) {
            case .committed: record(id, began, .touched)
            case .conflict: throw Violation("a change that expects nothing is refused")
            case .gone: record(id, began, .gone)
            }
        } catch let error as ModelError where isPartOfHistory(error) {
            // It writes nothing that others could see.
            record(id, began, .failed(error.code))
        }
    }

    private mutating func remove(_ id: ModelID, _ place: Int) async throws {
        var expected = HistoryEvent.Expected.nothing
        if let known = known[place], known.id == id, generator.once(in: 2) { expected = .revision(known.revision) }
        let began = HistoryClock.now()
        do {
            switch try await collection.remove(id, expecting: expected.expectation) {
            case .removed: record(id, began, .removed(expected))
            case .conflict(let model):
                let seen = try see(model, place)
                return record(id, began, .refused(expected, model.revision, seen.fields), log: seen.log)
            case .gone: record(id, began, .removalUnknown(isLost: false))
            }
        } catch let error as ModelError where error.code == .outcomeUnknown {
            record(id, began, .removalUnknown(isLost: true))
        } catch let error as ModelError where canRecord(error) {
            return record(id, began, .failed(error.code))
        }
        // For a while others go on with the model that is gone.
        if !generator.once(in: 4), slots[place] == id { slots[place] = nil }
    }

    // MARK: Records

    private mutating func record(
        _ id: ModelID, _ began: Int64, _ answer: HistoryEvent.Answer, _ attempt: HistoryEvent.Attempt? = nil,
        log: [Int]? = nil
    ) {
        events[id, default: []].append(
            HistoryEvent(began: began, ended: HistoryClock.now(), answer: answer, attempt: attempt, log: log))
    }

    private mutating func noteCommit(_ place: Int, _ id: ModelID, _ field: Int, _ revision: Revision) {
        guard known[place]?.id == id else { return }
        known[place]?.revision = revision
        known[place]?.fields[field] = revision
    }

    private mutating func see(_ model: Model, _ place: Int) throws(Violation) -> SeenModel {
        let seen = try SeenModel(model)
        known[place] = (model.id, model.revision, seen.fields.map(\.revision))
        return seen
    }
}

extension HistoryEvent.Expected {
    fileprivate var expectation: Change.Expectation {
        switch self {
        case .nothing: .nothing
        case .revision(let revision): .revision(revision)
        case .field(let field, let revision):
            .fields([Change.FieldRevision(name: HistoryClient.fieldNames[field], revision: revision)])
        }
    }
}
