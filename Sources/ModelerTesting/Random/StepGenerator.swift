import Modeler

/// Makes random steps over a few ids and field names, so that they meet.
struct StepGenerator {
    private var random: SeededGenerator
    private let ids: [ModelID]
    private let withTime: Bool
    private let withListing: Bool
    private var repeatable: [Step] = []
    /// Steps that come next.
    private var queued: [Step] = []
    private var operations: UInt64 = 0

    private static let names = ["a", "b", "n", "list", "__s", "@x", ""]
    private static let values = [
        "0", "1", "-7", "2.5", "true", "null", #""text""#, #""é\n""#, "[]", "[1,[2]]", #"{"k":[null]}"#,
        "9007199254740991",
    ]

    init(seed: UInt64, ids: [ModelID], withTime: Bool, withListing: Bool) {
        self.random = SeededGenerator(seed: seed)
        self.ids = ids
        self.withTime = withTime
        self.withListing = withListing
    }

    /// Plain writes in a row now and then: more than the operations that a store keeps.
    private static let burst = 12

    mutating func next() -> Step {
        if let step = queued.popLast() { return step }
        // Mostly one id, so that it gets to more writes than a store keeps in mind.
        let id = random.once(in: 3) ? random.pick(ids) : ids[0]
        let step: Step
        switch Int.random(in: 0..<21, using: &random) {
        case 0..<4: step = .insert(NewModel(id: id, fields: fields(), operation: operation()), expiry())
        case 4..<12: step = .commit(change(), id)
        case 12..<14: step = .fetch((0..<Int.random(in: 1...3, using: &random)).map { _ in random.pick(ids) })
        case 14: step = .commit(renewal(), id)
        case 15: step = repeatable.isEmpty ? .fetch([id]) : again()
        case 16: step = .remove(id, random.once(in: 2) ? .nothing : expectation())
        case 18 where withListing:
            step = .list(random.once(in: 2) ? .oldestFirst : .newestFirst, limit: Int.random(in: 1...3, using: &random))
        case 17 where !repeatable.isEmpty: return again()
        case 20 where random.once(in: 3):
            queued = (0..<Self.burst).map { _ in
                .commit(Change([.init("a", .set(value()))], operation: operation()), id)
            }
            return .fetch([id])
        default:
            step =
                withTime
                ? .pass(Int.random(in: 1...(random.once(in: 3) ? 9000 : 900), using: &random)) : .fetch([id])
        }
        switch step {
        case .insert, .commit:
            repeatable.append(step)
            if repeatable.count > 8 { repeatable.removeFirst() }
        default: break
        }
        return step
    }

    /// A write that was asked before, its answer lost; now and then one that nobody knows of as a repetition.
    private mutating func again() -> Step {
        let isKnown = !random.once(in: 6)
        switch random.pick(repeatable) {
        case .insert(var model, let expiry):
            model.isRepeated = isKnown
            return .insert(model, expiry)
        case .commit(var change, let id):
            change.isRepeated = isKnown
            return .commit(change, id)
        case let step: return step
        }
    }

    private mutating func renewal() -> Change {
        Change(renewal: random.once(in: 2) ? .replace(expiry()) : .touch, operation: operation())
    }

    /// A number that no other operation of the sequence has, the same for the same seed.
    private mutating func operation() -> OperationID {
        operations += 1
        return OperationID(rawValue: operations)
    }

    private mutating func value() -> EncodedJSON { json(random.pick(Self.values)) }

    private mutating func fields() -> [(name: String, value: EncodedJSON)] {
        Self.names.filter { _ in random.once(in: 3) }.map { (name: $0, value: value()) }
    }

    /// Limits; without time to pass, only those that can't run out meanwhile.
    private mutating func expiry() -> Expiry {
        func limit() -> Duration? {
            guard !random.once(in: 3) else { return nil }
            return .milliseconds(Int.random(in: withTime ? 1...8000 : 3_600_000...7_200_000, using: &random))
        }
        return Expiry(idle: limit(), absolute: limit())
    }

    private mutating func change() -> Change {
        var change = Change(
            Self.names.filter { _ in random.once(in: 3) }.map { FieldChange($0, fieldOperation($0)) },
            operation: operation()
        )
        if random.once(in: 3) { change.expecting = expectation() }
        if random.once(in: 2) { change.base = revision() }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: change.renewal = .keep
        case 1: change.renewal = .replace(expiry())
        default: break
        }
        return change
    }

    private mutating func expectation() -> Change.Expectation {
        if random.once(in: 2) { return .revision(revision()) }
        let names = Self.names.filter { _ in random.once(in: 4) }
        return .fields(names.map { Change.FieldRevision(name: $0, revision: random.once(in: 2) ? 0 : revision()) })
    }

    private mutating func revision() -> Revision { Int.random(in: 0...4, using: &random) }

    private mutating func fieldOperation(_ name: String) -> FieldOperation {
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: .set(value())
        case 2: .remove
        case 3, 4: .increment(by: random.pick([1, -1, 0, 41, 9_007_199_254_740_991]))
        case 5, 6: .append(value(), maximum: Int.random(in: 1...3, using: &random))
        default: .setIfAbsent(value())
        }
    }
}
