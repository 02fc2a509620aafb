/// The waits between the tries of what others keep interfering with.
struct Backoff: Sendable {
    /// The most tries.
    static let maximumAttempts = 32

    /// The tries so far.
    private(set) var attempt: Int

    /// - Parameter attempt: The tries that were made already.
    init(after attempt: Int = 0) { self.attempt = attempt }

    /// Waits before the next try: not before the first two, then for a random time that grows with the tries, so that
    /// writers of one field come apart. A cancelled task goes on at once; the store's own call then reports the
    /// cancellation.
    ///
    /// - Returns: Whether there is another try.
    mutating func next() async -> Bool {
        guard attempt < Self.maximumAttempts else { return false }
        attempt += 1
        if attempt > 2 {
            let ceiling = min(1 << min(attempt - 1, 6), 64)
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0...ceiling)))
        }
        return true
    }
}
