import Modeler
import ModelerTesting

/// A collection that breaks one rule of owners.
final class FaultyOwners: OwnerIndexCollection {
    enum Fault: Sendable, CaseIterable {
        /// Epochs count 1, 2, 3, whatever the clock says.
        case epochIgnoresClock
        /// Where one model is spared, the epoch stays.
        case sparingKeepsEpoch
        /// A model that is spared is the owner's still, by its former epoch.
        case sparingReservesNothing
        /// A model is spared though it was revoked.
        case sparesTheRevoked
        /// A renewal never says that nothing was known.
        case hidesLoss
    }

    private let fault: Fault
    private let base: MemoryCollection
    private let clock: ManualClock
    private let indexes = Guarded<[OwnerID: OwnerIndex]>([:])

    private init(_ fault: Fault, base: MemoryCollection, clock: ManualClock) {
        self.fault = fault
        self.base = base
        self.clock = clock
    }

    static func store(_ fault: Fault) -> CollectionUnderTest {
        let clock = ManualClock()
        return CollectionUnderTest(
            isClockManual: true,
            timeUnit: .seconds(1),
            make: { FaultyOwners(fault, base: MemoryCollection(hooks: $0, now: { clock.now }), clock: clock) },
            letTimePass: { clock.advance(by: $0) }
        )
    }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] { try await base.fetch(ids) }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await base.commit(change, to: id)
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        try await base.remove(id, expecting: expecting)
    }

    func withOwnerIndex<Result: Sendable>(
        of owner: OwnerID,
        _ body: @escaping @Sendable (inout OwnerIndex, _ now: Timestamp) -> Result
    ) async throws(ModelError) -> Result {
        let now = clock.now
        return indexes.withLock { indexes in
            indexes[owner, default: OwnerIndex()].trim(now: now)
            return body(&indexes[owner, default: OwnerIndex()], now)
        }
    }

    func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await withOwnerIndex(of: owner) { [fault] index, now in
            guard fault == .epochIgnoresClock else {
                index.advanceEpoch(now: now)
                return index.ownership
            }
            index = OwnerIndex(epoch: index.epoch + 1, entries: index.entries)
            index.condemn(except: nil)
            return index.ownership
        }
    }

    func advanceEpoch(
        of owner: OwnerID, sparing id: ModelID, epoch: OwnerEpoch, hold: Duration
    ) async throws(ModelError) -> Ownership? {
        try await withOwnerIndex(of: owner) { [fault] index, now in
            if fault == .sparesTheRevoked { index.withdraw([id]) }
            let former = index
            let named = fault == .sparesTheRevoked ? .max : epoch
            guard index.advanceEpoch(now: now, sparing: id, epoch: named, until: now + hold) else { return nil }
            switch fault {
            case .sparingKeepsEpoch: index = OwnerIndex(epoch: former.epoch, entries: index.entries)
            case .sparingReservesNothing:
                index.withdraw([id])
                _ = index.renew(id, epoch: index.epoch, expires: nil)
            case .epochIgnoresClock, .sparesTheRevoked, .hidesLoss: break
            }
            return index.ownership
        }
    }

    func renew(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> RenewalOutcome {
        try await withOwnerIndex(of: owner) { [fault] index, _ in
            let outcome = index.renew(id, epoch: epoch, expires: expires)
            return fault == .hidesLoss && outcome == .restored ? .renewed : outcome
        }
    }
}
