import RedisTestServer

/// Waits until a condition holds; an error counts as not yet.
///
/// - Throws: When it does not hold within 30 seconds.
public func eventually(_ condition: () async throws -> Bool) async throws {
    try await waitUntil(condition)
}
