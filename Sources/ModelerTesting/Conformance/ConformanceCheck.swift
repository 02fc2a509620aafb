/// One part of the contract of `ModelCollection`, as something that can be run.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// What holds when the check passes.
    public let name: String
    private let body: @Sendable (CollectionUnderTest) async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (CollectionUnderTest) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// Runs the check on a fresh collection.
    ///
    /// - Throws: A ``Violation``, or what the store threw where it should not have.
    public func run(on store: CollectionUnderTest) async throws {
        try await body(store)
    }

    public var description: String { name }
}
