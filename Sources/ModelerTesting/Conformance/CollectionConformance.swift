/// The contract of `ModelCollection` as checks that a store's author runs. Each makes a collection of its own.
///
/// With Swift Testing:
/// ```swift
/// @Test(arguments: CollectionConformance.checks)
/// func conforms(check: ConformanceCheck) async throws {
///     try await check.run(on: CollectionUnderTest(make: { hooks in MyCollection(…, hooks: hooks) }))
/// }
/// ```
public enum CollectionConformance {
    /// The checks for every collection: the operations that the store implements, and what is built on them.
    public static let checks: [ConformanceCheck] =
        insertionChecks + fetchChecks + commitChecks + operationChecks + replayChecks + lifetimeChecks
        + renewalChecks + clockChecks + nameChecks + concurrencyChecks + modelChecks + hookChecks + typedChecks

    /// The checks for a `ListingCollection`; `make` must give one.
    public static let listingChecks: [ConformanceCheck] = pageChecks + listChecks

    /// Runs checks one after another.
    ///
    /// - Returns: A line for each check that failed; none when the store conforms.
    public static func violations(
        of store: CollectionUnderTest,
        in checks: [ConformanceCheck] = checks
    ) async -> [String] {
        var violations: [String] = []
        for check in checks {
            do {
                try await check.run(on: store)
            } catch {
                violations.append("\(check.name): \(error)")
            }
        }
        return violations
    }
}
