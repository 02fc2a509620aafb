import Modeler
import ModelerTesting
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("The collection in Redis conforms")
struct ConformanceTests {
    @Test(
        "Contract",
        arguments: CollectionConformance.checks + CollectionConformance.ownershipChecks
            + CollectionConformance.scanChecks + CollectionConformance.ownerScanChecks
    )
    func conforms(check: ConformanceCheck) async throws {
        try await withStore { try await check.run(on: $0) }
    }

    @Test(
        "Contract with an index",
        arguments: CollectionConformance.listingChecks + CollectionConformance.scanChecks
            + CollectionConformance.checks.filter { $0.name.hasPrefix("M") }
    )
    func conformsListed(check: ConformanceCheck) async throws {
        try await withStore(listing: true) { try await check.run(on: $0) }
    }

    @Test("H1 Random sequences with listings do what the reference model does")
    func listedSequences() async throws {
        let sequences = RandomSequences(count: TestScale.count(100, full: 20_000), withListing: true)
        print("H1 with listings on Redis: seed \(sequences.seed), \(sequences.count) sequences")
        try await withStore(listing: true) { try await sequences.run(on: $0) }
    }

    @Test("H1 Random sequences of operations do what the reference model does")
    func randomSequences() async throws {
        try await withStore { store in
            try await RandomSequences(count: TestScale.count(200, full: 100_000)).run(on: store)
        }
    }

    @Test("H2 Every interleaving of two and three clients keeps the promises")
    func interleavings() async throws {
        let all = Interleavings.short.programs
        try await withStore { store in
            try await withThrowingTaskGroup(of: Int.self) { group in
                // Each waits for Redis most of the time.
                for part in 0..<4 {
                    let programs = all.indices.filter { $0 % 4 == part }.map { all[$0] }
                    group.addTask { try await Interleavings(programs: programs).run(on: store) }
                }
                let count = try await group.reduce(0) { $0 + $1 }
                #expect(count > 8_000)
            }
        }
    }

    private func withStore(listing: Bool = false, _ body: (CollectionUnderTest) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let store = CollectionUnderTest(timeUnit: .milliseconds(500)) { hooks in
                    try RedisCollection(
                        client: client, prefix: "\(ModelID.random()):", name: "models", hooks: hooks, listing: listing)
                }
                try await body(store)
            }
        }
    }
}
