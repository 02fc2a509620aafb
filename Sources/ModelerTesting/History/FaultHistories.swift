package import Modeler

/// The load of ``Histories`` for as long as faults go on: calls that fail are part of the history.
package struct FaultHistories: Sendable {
    /// The clients, each one call at a time.
    package var clients: Int
    /// The models at any one time.
    package var models: Int
    /// How long a client rests between two calls, on average.
    package var pause: Duration
    /// The seed of what the clients choose; what comes of it depends on how they mix.
    package var seed: UInt64

    /// Describes a load.
    package init(clients: Int = 16, models: Int = 24, pause: Duration = .milliseconds(5), seed: UInt64) {
        self.clients = clients
        self.models = models
        self.pause = pause
        self.seed = seed
    }

    /// Runs the load on several collections over one store, until it is done.
    package func run(
        on collections: [any ModelCollection], until isDone: @escaping @Sendable () -> Bool
    ) async -> HistoryRecord {
        let slots = HistorySlots(count: models)
        return await withTaskGroup(of: (HistoryClient, [Violation]).self) { group in
            var record = HistoryRecord()
            for number in 0..<clients {
                group.addTask {
                    var client = HistoryClient(
                        collections[number % collections.count], number: number, seed: seed &+ UInt64(number),
                        slots: slots, isTolerant: true)
                    var rests = SeededGenerator(seed: seed &- UInt64(number) &- 1)
                    var violations: [Violation] = []
                    while !isDone(), !Task.isCancelled {
                        do {
                            try await client.step()
                        } catch let violation as Violation {
                            violations.append(violation)
                        } catch {
                            // Only a cancelled call is no part of the history, and it ends the loop.
                        }
                        await rest(&rests)
                    }
                    return (client, violations)
                }
            }
            for await (client, violations) in group { record.add(client, violations) }
            return record
        }
    }

    private func rest(_ generator: inout SeededGenerator) async {
        guard pause > .zero else { return await Task.yield() }
        try? await Task.sleep(for: length(of: Int.random(in: 1...7, using: &generator)))
    }

    /// Never inlined: see ``HistoryClock/now()``.
    @inline(never)
    private func length(of quarters: Int) -> Duration { pause / 4 * quarters }
}
