/// Waits until a condition holds; an error counts as not yet.
///
/// - Throws: When it does not hold within 15 seconds.
public func eventually(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(15)
    while ContinuousClock.now < end {
        if (try? await condition()) == true { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    throw HTTPConnection.Failure(description: "what was waited for did not happen within 15 seconds")
}
