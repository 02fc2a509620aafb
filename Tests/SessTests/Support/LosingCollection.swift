import Modeler
import Synchronization

/// A collection that applies insertions and changes and loses its answers while told so.
final class LosingCollection: OwnershipCollection {
    let base: any OwnershipCollection
    let losesAnswers = Mutex(false)
    /// Whether what is lost is the question: nothing is applied, and the caller can't tell.
    let losesQuestions = Mutex(false)
    let lost = Mutex(0)

    init(_ base: any OwnershipCollection) { self.base = base }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    /// Runs `body` while answers are lost, which has to fail then.
    func losing(questions: Bool = false, _ body: () async throws -> Void) async -> (any Error)? {
        losesAnswers.withLock { $0 = !questions }
        losesQuestions.withLock { $0 = questions }
        defer {
            losesAnswers.withLock { $0 = false }
            losesQuestions.withLock { $0 = false }
        }
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try loseQuestion()
        let outcome = try await base.insert(model, expiry: expiry)
        try loseAnswer()
        return outcome
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] { try await base.fetch(ids) }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try loseQuestion()
        let outcome = try await base.commit(change, to: id)
        try loseAnswer()
        return outcome
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        try await base.remove(id, expecting: expecting)
    }

    private func loseQuestion() throws(ModelError) {
        guard losesQuestions.withLock({ $0 }) else { return }
        throw ModelError(.outcomeUnknown, "the question was lost, or its answer")
    }

    private func loseAnswer() throws(ModelError) {
        guard losesAnswers.withLock({ $0 }) else { return }
        lost.withLock { $0 += 1 }
        throw ModelError(.outcomeUnknown, "the answer was lost")
    }
}

// What is of owners isn't lost.
extension LosingCollection {
    func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership { try await base.ownership(of: owner) }

    func reserve(
        _ id: ModelID, for owner: OwnerID, limit: Int?, condemning victims: [ModelID], hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        try await base.reserve(id, for: owner, limit: limit, condemning: victims, hold: hold)
    }

    func confirm(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await base.confirm(id, of: owner, epoch: epoch, expires: expires)
    }

    func renew(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> RenewalOutcome {
        try await base.renew(id, of: owner, epoch: epoch, expires: expires)
    }

    func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await base.advanceEpoch(of: owner)
    }

    func advanceEpoch(
        of owner: OwnerID, sparing id: ModelID, epoch: OwnerEpoch, hold: Duration
    ) async throws(ModelError) -> Ownership? {
        try await base.advanceEpoch(of: owner, sparing: id, epoch: epoch, hold: hold)
    }

    func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await base.condemn(allOf: owner, except: id)
    }

    func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        try await base.withdraw(ids, from: owner)
    }
}
