// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "sess",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "HiredisClient", targets: ["HiredisClient"]),
        .library(name: "Middler", targets: ["Middler"]),
        .library(name: "Modeler", targets: ["Modeler"]),
        .library(name: "ModelerRedis", targets: ["ModelerRedis"]),
        .library(name: "ModelerSQLite", targets: ["ModelerSQLite"]),
        .library(name: "ModelerTesting", targets: ["ModelerTesting"]),
        .library(name: "Sess", targets: ["Sess"]),
        .library(name: "SessHummingbird", targets: ["SessHummingbird"]),
        .library(name: "SessMiddler", targets: ["SessMiddler"]),
        .library(name: "SessTesting", targets: ["SessTesting"]),
        .executable(name: "sess-demo", targets: ["SessDemo"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.27.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.20.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.6.0"),
    ],
    targets: [
        // Sessions: they know no framework and no store but memory.
        .target(
            name: "Sess",
            dependencies: [
                "Modeler",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
            ]
        ),
        .target(
            name: "SessHummingbird",
            dependencies: [
                "EventLoopExecution",
                "Sess",
                "Modeler",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),

        // The chain of handlers for apps that use no framework, and its sessions.
        .target(
            name: "Middler",
            dependencies: [
                "EventLoopExecution",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "SessMiddler",
            dependencies: [
                "Middler", "Modeler", "Sess",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        // Tasks on event loops: what the adapters share.
        .target(name: "EventLoopExecution", dependencies: [.product(name: "NIOCore", package: "swift-nio")]),

        .target(
            name: "SessTesting",
            dependencies: [
                "Modeler",
                "ModelerTesting",
                "Sess",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]
        ),

        // Models and the stores that keep them.
        .target(name: "Modeler"),
        .target(name: "ModelerTesting", dependencies: ["Modeler"]),

        .target(
            name: "ModelerRedis",
            dependencies: ["HiredisClient", "Modeler", "RESP", .product(name: "Logging", package: "swift-log")]
        ),
        .target(
            name: "ModelerSQLite",
            dependencies: ["Modeler", .product(name: "GRDB", package: "GRDB.swift")]
        ),

        // Redis: hiredis parses the replies, SwiftNIO moves the bytes.
        .target(
            name: "HiredisClient",
            dependencies: [
                "RESP",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(name: "RESP", dependencies: ["CHiredis"]),
        // Without pkgConfig: hiredis.pc carries a -D flag, of which SwiftPM warns in every consumer's build.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),

        // Programs.
        .executableTarget(
            name: "SessDemo",
            dependencies: [
                "HiredisClient", "Middler", "Modeler", "ModelerRedis", "ModelerSQLite", "Sess", "SessHummingbird",
                "SessMiddler",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),

        // Not a product: it measures what only this package sees. Nobody who depends on the package builds it.
        .executableTarget(
            name: "SessBenchmarks",
            dependencies: [
                "EventLoopExecution", "HiredisClient", "Middler", "Modeler", "ModelerRedis", "RESP", "Sess",
                "SessHummingbird", "SessMiddler",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Benchmarks/SessBenchmarks"
        ),

        // Tests, and the programs they run against.
        .target(
            name: "RedisTestServer",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tests/Support/RedisTestServer"
        ),
        .target(
            name: "SessTestSupport",
            dependencies: [
                "HiredisClient", "Middler", "Modeler", "ModelerRedis", "ModelerSQLite", "RedisTestServer", "Sess",
                "SessHummingbird", "SessMiddler", "SessTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Tests/Support/SessTestSupport"
        ),
        // Not a product either: scripts/chaos runs it.
        .executableTarget(
            name: "SessChaos",
            dependencies: [
                "HiredisClient", "Modeler", "ModelerRedis", "ModelerTesting", "RedisTestServer",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/SessChaos"
        ),
        .testTarget(name: "RESPTests", dependencies: ["RESP"]),
        .testTarget(
            name: "HiredisClientTests",
            dependencies: [
                "EventLoopExecution",
                "HiredisClient",
                "RedisTestServer",
                "RESP",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "ModelerRedisTests",
            dependencies: ["HiredisClient", "Modeler", "ModelerRedis", "ModelerTesting", "RedisTestServer"]
        ),
        .executableTarget(
            name: "SQLiteWriter",
            dependencies: ["Modeler", "ModelerSQLite"],
            path: "Tests/Support/SQLiteWriter"
        ),
        .testTarget(
            name: "ModelerSQLiteTests",
            dependencies: [
                "Modeler", "ModelerSQLite", "ModelerTesting", "SQLiteWriter",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "SessTests",
            dependencies: [
                "HiredisClient", "Modeler", "ModelerRedis", "ModelerSQLite", "ModelerTesting", "RedisTestServer",
                "Sess", "SessTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "ModelerTests", dependencies: ["Modeler", "ModelerTesting"]),
        .testTarget(
            name: "SessHummingbirdTests",
            dependencies: [
                "EventLoopExecution", "HiredisClient", "Modeler", "ModelerRedis", "RedisTestServer", "Sess",
                "SessHummingbird",
                "SessTestSupport", "SessTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(
            name: "AdapterTests",
            dependencies: [
                "Middler", "Modeler", "ModelerSQLite", "ModelerTesting", "RedisTestServer", "Sess", "SessDemo",
                "SessMiddler",
                "SessTestSupport", "SessTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "MiddlerTests",
            dependencies: [
                "Middler", "RedisTestServer", "SessTestSupport",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        // The code of the article with recipes, and that it works.
        .testTarget(
            name: "RecipeTests",
            dependencies: [
                "Modeler", "Sess", "SessHummingbird", "SessTestSupport", "SessTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ]
        ),
        // They run the examples, which a build of the tests builds too.
        .testTarget(
            name: "ExampleTests",
            dependencies: ["Modeler", "RedisTestServer", "SessTestSupport", "SessTesting"]
        ),
        // They drive the program itself, so it has to be built with them.
        .testTarget(
            name: "SessDemoTests",
            dependencies: ["Modeler", "RedisTestServer", "SessDemo", "SessTestSupport", "SessTesting"]
        ),
    ]
)

// Programs small enough to read at once: `swift run NAME`. They import only what their readers need to import.
let examples: [String: [Target.Dependency]] = [
    "middler-basic": ["Middler"],
    "middler-routing": ["Middler"],
    "middler-stack": ["Middler"],
    "middler-embedding": ["Middler"],
    "modeler-crud": ["Modeler"],
    "modeler-list": ["Modeler", "ModelerSQLite"],
    "modeler-hooks": ["Modeler"],
    "modeler-tail": ["Modeler", "ModelerRedis"],
    "sess-basic": ["Middler", "Modeler", "Sess", "SessMiddler"],
    "sess-redis": ["Middler", "ModelerRedis", "Sess", "SessMiddler"],
    "sesame-counter": ["Middler", "Sess", "SessMiddler"],
    "sesame-counter-sqlite": ["Middler", "ModelerSQLite", "Sess", "SessMiddler"],
]

// scripts/test sets it, so that a warning fails there and never in a build of somebody who depends on this package.
let isStrict = Context.environment["SESS_STRICT"] == "1"

for target in package.targets where target.type != .system && target.type != .plugin {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
            .enableUpcomingFeature("ExistentialAny"),
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
            .enableUpcomingFeature("MemberImportVisibility"),
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
            .enableUpcomingFeature("InternalImportsByDefault"),
            // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        ]
    if isStrict {
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0480-swiftpm-warning-control.md
        target.swiftSettings?.append(.treatAllWarnings(as: .error))
    }
}

for (name, dependencies) in examples.sorted(by: { $0.key < $1.key }) {
    let example = Target.executableTarget(name: name, dependencies: dependencies, path: "Examples/\(name)")
    if isStrict { example.swiftSettings = [.treatAllWarnings(as: .error)] }
    package.targets.append(example)
}
