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
    /// Writes are numbered, each client's from its own first number on.
    private static let writesPerClient = 1 << 32

    private(set) var events: [ModelID: [HistoryEvent]] = [:]
    private let collection: any ModelCollection
    private let slots: HistorySlots
    private var generator: SeededGenerator
    private var lastWrite: Int
    /// What this client has last seen of each place's model.
    private var known: [Int: (id: ModelID, revision: Revision, fields: [Revision])] = [:]

    init(_ collection: any ModelCollection, number: Int, seed: UInt64, slots: HistorySlots) {
        self.collection = collection
        self.slots = slots
        generator = SeededGenerator(seed: seed)
        lastWrite = number * Self.writesPerClient
    }

    mutating func step() async throws {
        let place = Int.random(in: 0..<slots.count, using: &generator)
        guard let id = slots[place] else { return try await insert(place) }
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<45: try await read(id, place)
        case 45..<92: try await write(id, place)
        case 92..<97: try await touch(id)
        default: try await remove(id, place)
        }
    }

    private mutating func insert(_ place: Int) async throws {
        let id = ModelID.random()
        lastWrite += 1
        let fields = Self.fieldNames.map { (name: $0, value: json(String(lastWrite))) }
        let began = Self.now()
        let outcome = try await collection.insert(
            NewModel(id: id, fields: fields), expiry: Expiry(idle: .seconds(3600)))
        guard case .inserted(let commit) = outcome, commit.revision == 1 else {
            throw Violation("a new model was not inserted at revision 1")
        }
        record(id, began, .inserted(write: lastWrite))
        slots[place] = id
    }

    private mutating func read(_ id: ModelID, _ place: Int) async throws {
        let began = Self.now()
        guard let model = try await collection.fetch(id) else { return record(id, began, .gone) }
        record(id, began, .read(model.revision, try see(model, place)))
    }

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
        let change = Change([(Self.fieldNames[field], .set(json(String(lastWrite))))], expecting: expected.expectation)
        let began = Self.now()
        do {
            switch try await collection.commit(change, to: id) {
            case .committed(let commit):
                record(id, began, .committed(field: field, write: lastWrite, expected, commit.revision))
                noteCommit(place, id, field, commit.revision)
            case .conflict(let model): record(id, began, .refused(expected, model.revision, try see(model, place)))
            case .gone: record(id, began, .gone)
            }
        } catch let error as ModelError where error.code == .outcomeUnknown {
            record(id, began, .unknown(field: field, write: lastWrite))
        }
    }

    private mutating func touch(_ id: ModelID) async throws {
        let began = Self.now()
        let lifetime = try await collection.touch(id, expiry: nil)
        record(id, began, lifetime == nil ? .gone : .touched)
    }

    private mutating func remove(_ id: ModelID, _ place: Int) async throws {
        let began = Self.now()
        do {
            record(id, began, try await collection.remove(id) ? .removed : .removalUnknown)
        } catch  where error.code == .outcomeUnknown {
            record(id, began, .removalUnknown)
        }
        // For a while others go on with the model that is gone.
        if !generator.once(in: 4), slots[place] == id { slots[place] = nil }
    }

    // MARK: Records

    private mutating func record(_ id: ModelID, _ began: Int64, _ answer: HistoryEvent.Answer) {
        events[id, default: []].append(HistoryEvent(began: began, ended: Self.now(), answer: answer))
    }

    private mutating func noteCommit(_ place: Int, _ id: ModelID, _ field: Int, _ revision: Revision) {
        guard known[place]?.id == id else { return }
        known[place]?.revision = revision
        known[place]?.fields[field] = revision
    }

    private mutating func see(_ model: Model, _ place: Int) throws -> [HistoryEvent.Seen] {
        var seen: [HistoryEvent.Seen] = []
        for (number, name) in Self.fieldNames.enumerated() {
            guard let field = model.fields[name], let write = Int(String(decoding: field.value.bytes, as: UTF8.self))
            else {
                throw Violation("\(model.id) lacks the field \(name) that it was inserted with")
            }
            seen.append(.init(field: number, write: write, revision: field.revision))
        }
        known[place] = (model.id, model.revision, seen.map(\.revision))
        return seen
    }

    private static let origin = ContinuousClock.now

    /// Never inlined: Swift 6.3.1 crashes when it optimizes an asynchronous function that keeps the 128-bit integer of a
    /// duration's arithmetic across a suspension.
    @inline(never)
    private static func now() -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - origin).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
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
