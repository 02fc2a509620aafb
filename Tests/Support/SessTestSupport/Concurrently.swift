/// Runs `count` pieces of work, `width` at a time, and gives their results in no particular order.
public func concurrently<Result: Sendable>(
    _ count: Int,
    width: Int,
    _ work: @escaping @Sendable (Int) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: Result.self) { group in
        var results: [Result] = []
        for index in 0..<count {
            if index >= width, let result = try await group.next() { results.append(result) }
            group.addTask { try await work(index) }
        }
        for try await result in group { results.append(result) }
        return results
    }
}
