public import Modeler

/// One operation of a random sequence.
public enum Step: Sendable {
    /// Stores a new model.
    case insert(NewModel, Expiry)
    /// Reads models.
    case fetch([ModelID])
    /// Changes a model.
    case commit(Change, ModelID)
    /// Removes a model of which something is expected.
    case remove(ModelID, Change.Expectation)
    /// Lists all ids, in pages of at most so many.
    case list(PageOrder, limit: Int)
    /// Lets milliseconds pass on a manual clock.
    case pass(Int)
}

extension Step: CustomStringConvertible {
    /// The step in a form a person can repeat by hand; the values are a test's own.
    public var description: String {
        switch self {
        case .insert(let model, let expiry):
            let fields = model.fields.map { "\($0.name)=\($0.value.shown)" }.joined(separator: " ")
            return "insert \(model.id) [\(fields)] \(expiry.shown) #\(model.operation.rawValue)"
                + (model.isRepeated ? " again" : "")
        case .fetch(let ids): return "fetch \(ids)"
        case .commit(let change, let id):
            let operations = change.operations.map { "\($0.name): \($0.operation.shown)" }.joined(separator: ", ")
            return "commit \(id) [\(operations)] expecting \(change.expecting) \(change.renewal) "
                + "#\(change.operation.rawValue) base \(change.base)" + (change.isRepeated ? " again" : "")
        case .remove(let id, let expecting): return "remove \(id) expecting \(expecting)"
        case .list(let order, let limit): return "list \(order) in pages of \(limit)"
        case .pass(let milliseconds): return "pass \(milliseconds) ms"
        }
    }
}

extension Step {
    /// Runs the step on a store.
    func run(on models: any ModelCollection, of store: CollectionUnderTest) async throws -> Observation {
        let exact = store.isClockManual
        do {
            switch self {
            case .insert(let model, let expiry):
                switch try await models.insert(model, expiry: expiry) {
                case .inserted(let commit): return .inserted(try Observation.Write(commit, exactTimes: exact))
                case .exists(let model): return .exists(try Observation.State(model, exactTimes: exact))
                }
            case .fetch(let ids):
                let found = try await models.fetch(ids)
                return .models(try found.map { try $0.map { try Observation.State($0, exactTimes: exact) } })
            case .commit(let change, let id):
                switch try await models.commit(change, to: id) {
                case .committed(let commit): return .committed(try Observation.Write(commit, exactTimes: exact))
                case .conflict(let model): return .conflict(try Observation.State(model, exactTimes: exact))
                case .gone: return .gone
                }
            case .remove(let id, let expecting):
                switch try await models.remove(id, expecting: expecting) {
                case .removed: return .removed
                case .conflict(let model): return .conflict(try Observation.State(model, exactTimes: exact))
                case .gone: return .gone
                }
            case .list(let order, let limit):
                guard let models = models as? any ListingCollection else {
                    throw Violation("the collection is no ListingCollection")
                }
                return .listed(try await models.everyID(order, limit: limit))
            case .pass(let milliseconds):
                try await store.letTimePass(.milliseconds(milliseconds))
                return .passed
            }
        } catch let error as ModelError where [.invalidChange, .outcomeUnknown].contains(error.code) {
            return .refused(error.code)
        }
    }
}

extension EncodedJSON {
    fileprivate var shown: String { String(decoding: bytes, as: UTF8.self) }
}

extension FieldOperation {
    fileprivate var shown: String {
        switch self {
        case .set(let value): "set \(value.shown)"
        case .remove: "remove"
        case .increment(let amount): "increment by \(amount)"
        case .append(let value, let maximum): "append \(value.shown), at most \(maximum)"
        case .setIfAbsent(let value): "set if absent \(value.shown)"
        }
    }
}

extension Expiry {
    fileprivate var shown: String {
        "idle \(idle.map(String.init(describing:)) ?? "-") absolute \(absolute.map(String.init(describing:)) ?? "-")"
    }
}
