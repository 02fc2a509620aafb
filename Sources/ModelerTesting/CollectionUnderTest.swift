public import Modeler

/// A store to be tested: how to get a collection of it, and how time passes for it.
public struct CollectionUnderTest: Sendable {
    /// Makes a collection with these hooks, in which no other test has put anything.
    public var makeHooked: @Sendable (ModelHooks) async throws -> any ModelCollection

    /// Lets this much time pass on the store's clock.
    public var letTimePass: @Sendable (Duration) async throws -> Void

    /// Turns the store's clock back, as an administrator may; `nil` for a store whose clock a test can't set.
    public var turnClockBack: (@Sendable (Duration) async throws -> Void)?

    /// Whether the store's clock stands still but for ``letTimePass``, so that deadlines can be compared exactly.
    public var isClockManual: Bool

    /// The unit of the lifetimes in checks. With a real clock two of it have to suffice for a few operations on a
    /// machine as busy as the tests make it; checks of lifetimes take up to some ten of it.
    public var timeUnit: Duration

    /// The bytes of the largest value that the collections take.
    public var largestValue: Int

    /// Describes a store.
    ///
    /// - Parameters:
    ///   - isClockManual: Whether the store's clock stands still but for `letTimePass`.
    ///   - timeUnit: The unit of the lifetimes in checks.
    ///   - largestValue: The bytes of the largest value that the collections take.
    ///   - make: Makes a collection with these hooks, in which no other test has put anything.
    ///   - letTimePass: Lets time pass on the store's clock; by default by waiting.
    ///   - turnClockBack: Turns the store's clock back; `nil` for a store whose clock a test can't set.
    public init(
        isClockManual: Bool = false,
        timeUnit: Duration = .milliseconds(200),
        largestValue: Int = 1024 * 1024,
        make: @escaping @Sendable (ModelHooks) async throws -> any ModelCollection,
        letTimePass: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        turnClockBack: (@Sendable (Duration) async throws -> Void)? = nil
    ) {
        self.isClockManual = isClockManual
        self.timeUnit = timeUnit
        self.largestValue = largestValue
        self.makeHooked = make
        self.letTimePass = letTimePass
        self.turnClockBack = turnClockBack
    }

    /// Makes a collection in which no other test has put anything.
    public func make(_ hooks: ModelHooks = ModelHooks()) async throws -> any ModelCollection {
        try await makeHooked(hooks)
    }

    /// So many times the unit of the lifetimes in checks.
    ///
    /// Never inlined: Swift 6.3.1 crashes when it optimizes an asynchronous function that keeps the 128-bit integer
    /// of a duration's arithmetic across a suspension.
    @inline(never)
    func units(_ count: Int) -> Duration { timeUnit * count }
}
