import FoundationEssentials
import Modeler

/// Random sequences of operations, run on a store and on ``ReferenceModel``: every answer must be the same.
///
/// A sequence is fixed by its seed. A divergence names the seed and lists the steps that led to it.
public struct RandomSequences: Sendable {
    /// The seed of the first sequence; the following ones count up from it.
    public var seed: UInt64
    /// The number of sequences.
    public var count: Int
    /// The most steps of a sequence.
    public var maximumSteps: Int
    /// Whether the collection is listed too; then it must be a `ListingCollection`.
    public var withListing: Bool

    /// Makes sequences.
    ///
    /// - Parameters:
    ///   - seed: A random one by default, or that of the environment's `SESS_TEST_SEED`.
    ///   - count: That of the environment's `SESS_TEST_SCALE` by default, or 2,000.
    ///   - maximumSteps: The most steps of a sequence.
    ///   - withListing: Whether the collection is listed too; then it must be a `ListingCollection`.
    public init(seed: UInt64? = nil, count: Int? = nil, maximumSteps: Int = 60, withListing: Bool = false) {
        let environment = ProcessInfo.processInfo.environment
        self.seed = seed ?? environment["SESS_TEST_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<(1 << 32))
        self.count = count ?? environment["SESS_TEST_SCALE"].flatMap(Int.init) ?? 2000
        self.maximumSteps = maximumSteps
        self.withListing = withListing
    }

    /// Runs the sequences on one collection, each on ids of its own, which it removes at its end.
    ///
    /// Time passes in them where the store's clock is manual; else lifetimes are long and times aren't compared.
    ///
    /// - Throws: A ``Violation`` at the first divergence; what the store throws.
    public func run(on store: CollectionUnderTest) async throws {
        let models = try await store.make()
        for offset in 0..<UInt64(count) {
            try await run(seed: seed &+ offset, on: models, of: store)
            await Task.yield()  // A store in memory never suspends, and other tests share the threads.
        }
    }

    private func run(seed: UInt64, on models: any ModelCollection, of store: CollectionUnderTest) async throws {
        let ids = (withListing ? ["x", "y", "z"] : ["x", "y"]).map { id("s\(seed)-\($0)") }
        var generator = StepGenerator(
            seed: seed, ids: ids, withTime: store.isClockManual, withListing: withListing
        )
        var reference = ReferenceModel(exactTimes: store.isClockManual)
        var history: [Step] = []
        for _ in 0..<maximumSteps {
            history.append(generator.next())
            try await compare(history, seed, &reference, models, store)
        }
        history.append(.fetch(ids))
        try await compare(history, seed, &reference, models, store)
        for id in ids { try await models.remove(id) }
    }

    private func compare(
        _ history: [Step],
        _ seed: UInt64,
        _ reference: inout ReferenceModel,
        _ models: any ModelCollection,
        _ store: CollectionUnderTest
    ) async throws {
        guard let step = history.last else { return }
        let expected = try reference.run(step)
        let answer = try await step.run(on: models, of: store)
        guard answer != expected else { return }
        let steps = history.map { "  \($0)" }.joined(separator: "\n")
        throw Violation(
            """
            seed \(seed), step \(history.count): the store answered
              \(answer)
            and the contract says
              \(expected)
            after (the last step is the one in question)
            \(steps)
            """
        )
    }
}
