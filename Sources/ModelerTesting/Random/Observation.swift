public import Modeler

/// What a store answered, in a form in which two stores' answers can be compared.
public enum Observation: Sendable, Equatable {
    /// An insertion was applied.
    case inserted(Write)
    /// An id was taken.
    case exists(State)
    /// A change was applied.
    case committed(Write)
    /// An expectation did not hold.
    case conflict(State)
    /// A commit or a removal found no model.
    case gone
    /// What a fetch found.
    case models([State?])
    /// A model was removed.
    case removed
    /// What a listing found.
    case listed([ModelID])
    /// A refusal.
    case refused(ModelError.Code)
    /// Time passed.
    case passed

    /// A field as it was seen.
    public struct Cell: Sendable, Equatable, CustomStringConvertible {
        var value: Value
        var revision: Revision

        init(_ value: Value, _ revision: Revision) {
            self.value = value
            self.revision = revision
        }

        public var description: String { "\(value)@\(revision)" }
    }

    /// A value as it was seen. It shows what it holds, which is a test's own.
    public struct Value: Sendable, Equatable, CustomStringConvertible {
        let json: JSONValue

        init(_ json: JSONValue) {
            self.json = json
        }

        public var description: String {
            (try? EncodedJSON(json)).map { String(decoding: $0.bytes, as: UTF8.self) } ?? "\(json)"
        }
    }

    /// A model as it was seen.
    public struct State: Sendable, Equatable {
        var id: ModelID
        var revision: Revision
        var fields: [String: Cell]
        var life: Life?
        var age: Duration?
    }

    /// Limits and deadline as they were seen. Times are compared only where the clock is the test's.
    public struct Life: Sendable, Equatable {
        var expiry: Expiry
        var hasDeadline: Bool
        var remaining: Duration?
    }

    /// An applied write as it was seen.
    public struct Write: Sendable, Equatable {
        var revision: Revision
        var life: Life?
        var age: Duration?
        var values: [String: Value]
    }
}

extension Observation.State {
    init(_ model: Model, exactTimes: Bool) throws {
        self.init(
            id: model.id,
            revision: model.revision,
            fields: try Dictionary(
                model.fields.map { ($0.name, Observation.Cell(Observation.Value(try $0.value.value()), $0.revision)) },
                uniquingKeysWith: { first, _ in first }
            ),
            life: model.lifetime.map { Observation.Life($0, exactTimes: exactTimes) },
            age: exactTimes ? model.updated - model.created : nil
        )
    }
}

extension Observation.Life {
    init(_ lifetime: Lifetime, exactTimes: Bool) {
        self.init(
            expiry: lifetime.expiry,
            hasDeadline: lifetime.expires != nil,
            remaining: exactTimes ? lifetime.remaining : nil
        )
    }
}

extension Observation.Write {
    init(_ commit: Commit, exactTimes: Bool) throws {
        self.init(
            revision: commit.revision,
            life: Observation.Life(commit.lifetime, exactTimes: exactTimes),
            age: exactTimes ? commit.updated - commit.created : nil,
            values: try Dictionary(
                commit.values.map { ($0.name, Observation.Value(try $0.value.value())) },
                uniquingKeysWith: { first, _ in first }
            )
        )
    }
}
