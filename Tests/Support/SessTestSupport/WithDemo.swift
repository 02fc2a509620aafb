public import RedisTestServer

/// Runs `body` with a `sess-demo`, which is killed afterwards whatever happens.
public func withDemo<Result>(
    _ arguments: [String] = [],
    after shell: String? = nil,
    _ body: (DemoProcess) async throws -> Result
) async throws -> Result {
    try await TestSlots.shared.hold {
        let demo = try await DemoProcess.start(arguments, after: shell)
        defer {
            demo.kill()
            demo.removeFiles()
        }
        return try await body(demo)
    }
}

/// Runs `body` with a `sess-demo` over an empty store of a kind.
public func withDemo<Result>(
    over kind: StoreKind,
    _ adapter: AdapterKind = .hummingbird,
    _ arguments: [String] = [],
    _ body: (DemoProcess, RedisTestServer?) async throws -> Result
) async throws -> Result {
    let arguments = ["--adapter", adapter.rawValue] + arguments
    switch kind {
    case .memory:
        return try await withDemo(arguments) { try await body($0, nil) }
    case .sqlite:
        return try await withTemporaryDirectory { directory in
            try await withDemo(["--store", "sqlite:\(directory)/sessions.sqlite"] + arguments) {
                try await body($0, nil)
            }
        }
    case .redis:
        return try await withSlotAndServer { server in
            try await withDemo(["--store", server.url, "--prefix", StoreKind.prefix] + arguments) { demo in
                try await demo.waitUntilHealthy()
                return try await body(demo, server)
            }
        }
    }
}

/// Runs `body` with two nodes that share one `redis-server`.
public func withCluster<Result>(
    arguments: [String] = [],
    redis: [String] = [],
    _ body: (_ first: DemoProcess, _ second: DemoProcess, RedisTestServer) async throws -> Result
) async throws -> Result {
    try await withSlotAndServer(arguments: redis) { server in
        let common = ["--store", server.url, "--prefix", StoreKind.prefix] + arguments
        return try await withDemo(["--node", "one"] + common) { first in
            try await withDemo(["--node", "two"] + common) { second in
                for node in [first, second] { try await node.waitUntilHealthy() }
                return try await body(first, second, server)
            }
        }
    }
}

/// A `redis-server`, within one of the ``TestSlots``.
public func withSlotAndServer<Result>(
    arguments: [String] = [],
    startsNow: Bool = true,
    _ body: (RedisTestServer) async throws -> Result
) async throws -> Result {
    try await TestSlots.shared.hold {
        try await withRedisServer(arguments: arguments, startsNow: startsNow, body)
    }
}
