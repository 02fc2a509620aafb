/// Waits until a condition holds; an error counts as not yet.
///
/// - Throws: When it does not hold within 30 seconds.
public func waitUntil(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
        if (try? await condition()) == true { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw RawRedis.Failure(description: "what was waited for did not happen within 30 seconds")
}
