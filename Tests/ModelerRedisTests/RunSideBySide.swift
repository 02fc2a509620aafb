import ModelerTesting
import Testing

/// Runs checks at once: much of their time is waiting.
func runSideBySide(_ checks: [ConformanceCheck], on store: CollectionUnderTest) async {
    await withDiscardingTaskGroup { group in
        for check in checks {
            group.addTask {
                do {
                    try await check.run(on: store)
                } catch {
                    Issue.record(error, "\(check)")
                }
            }
        }
    }
}
