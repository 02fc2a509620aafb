// swift-tools-version: 6.2

import PackageDescription

// Products of other packages, as targets name them.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let dequeModule = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let nioConcurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

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
        .target(name: "Sess", dependencies: ["Modeler", crypto, httpTypes, logging, metrics]),
        .target(
            name: "SessHummingbird",
            dependencies: [
                "EventLoopExecution", "Sess", "Modeler", httpTypes, hummingbird, hummingbirdCore, logging, nioCore,
                nioSSL,
            ]
        ),

        // The chain of handlers for apps that use no framework, and its sessions.
        .target(
            name: "Middler",
            dependencies: ["EventLoopExecution", httpTypes, logging, nioCore, nioHTTP1, nioPosix, serviceLifecycle]
        ),
        .target(name: "SessMiddler", dependencies: ["Middler", "Modeler", "Sess", httpTypes, logging, nioCore]),
        // Tasks on event loops: what the adapters share.
        .target(name: "EventLoopExecution", dependencies: [nioCore]),

        .target(name: "SessTesting", dependencies: ["Modeler", "ModelerTesting", "Sess", httpTypes]),

        // Models and the stores that keep them.
        .target(name: "Modeler"),
        .target(name: "ModelerTesting", dependencies: ["Modeler"]),

        .target(name: "ModelerRedis", dependencies: ["HiredisClient", "Modeler", "RESP", logging]),
        .target(name: "ModelerSQLite", dependencies: ["Modeler", grdb]),

        // Redis: hiredis parses the replies, SwiftNIO moves the bytes.
        .target(
            name: "HiredisClient",
            dependencies: [
                "RESP", dequeModule, logging, metrics, nioConcurrencyHelpers, nioCore, nioPosix, nioSSL, nioTLS,
                serviceLifecycle,
            ]
        ),
        .target(name: "RESP", dependencies: ["CHiredis"]),
        // Without pkgConfig: hiredis.pc carries a -D flag, of which SwiftPM warns in every consumer's build.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),

        // Programs. None is a product: nobody who depends on the package builds them.
        .executableTarget(
            name: "sess-demo",
            dependencies: [
                "HiredisClient", "Middler", "Modeler", "ModelerRedis", "ModelerSQLite", "Sess", "SessHummingbird",
                "SessMiddler", argumentParser, httpTypes, hummingbird, logging, nioCore, nioPosix, serviceLifecycle,
                unixSignals,
            ],
            path: "Sources/SessDemo"
        ),

        // It measures what only this package sees.
        .executableTarget(
            name: "SessBenchmarks",
            dependencies: [
                "EventLoopExecution", "HiredisClient", "Middler", "Modeler", "ModelerRedis", "RESP", "Sess",
                "SessHummingbird", "SessMiddler", httpTypes, hummingbird, logging, nioCore, nioPosix, serviceLifecycle,
            ],
            path: "Benchmarks/SessBenchmarks"
        ),

        // Tests, and the programs they run against.
        .target(
            name: "RedisTestServer",
            dependencies: [nioCore, nioPosix],
            path: "Tests/Support/RedisTestServer"
        ),
        .target(
            name: "SessTestSupport",
            dependencies: [
                "HiredisClient", "Middler", "Modeler", "ModelerRedis", "ModelerSQLite", "RedisTestServer", "Sess",
                "SessHummingbird", "SessMiddler", "SessTesting", httpTypes, hummingbirdCore, hummingbird, logging,
                nioCore, nioHTTP1, nioPosix, serviceLifecycle,
            ],
            path: "Tests/Support/SessTestSupport"
        ),
        // scripts/chaos runs it.
        .executableTarget(
            name: "SessChaos",
            dependencies: [
                "HiredisClient", "Modeler", "ModelerRedis", "ModelerTesting", "RedisTestServer", argumentParser,
                logging,
            ],
            path: "Tests/SessChaos"
        ),
        .testTarget(name: "RESPTests", dependencies: ["RESP"]),
        .testTarget(
            name: "HiredisClientTests",
            dependencies: [
                "EventLoopExecution", "HiredisClient", "RedisTestServer", "RESP", dequeModule, logging, nioCore,
                nioPosix, serviceLifecycle,
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
            dependencies: ["Modeler", "ModelerSQLite", "ModelerTesting", "SQLiteWriter", grdb]
        ),
        .testTarget(
            name: "SessTests",
            dependencies: [
                "HiredisClient", "Modeler", "ModelerRedis", "ModelerSQLite", "ModelerTesting", "RedisTestServer",
                "Sess", "SessTesting", httpTypes, logging,
            ]
        ),
        .testTarget(name: "ModelerTests", dependencies: ["Modeler", "ModelerTesting"]),
        .testTarget(
            name: "SessHummingbirdTests",
            dependencies: [
                "EventLoopExecution", "HiredisClient", "Modeler", "ModelerRedis", "RedisTestServer", "Sess",
                "SessHummingbird", "SessTestSupport", "SessTesting", httpTypes, hummingbird, hummingbirdCore,
                hummingbirdTLS, logging, nioCore, nioEmbedded, nioPosix, nioSSL,
            ]
        ),
        .testTarget(
            name: "AdapterTests",
            dependencies: [
                "Middler", "Modeler", "ModelerSQLite", "ModelerTesting", "RedisTestServer", "Sess", "sess-demo",
                "SessMiddler", "SessTestSupport", "SessTesting", httpTypes, logging, metrics, metricsTestKit, nioCore,
            ]
        ),
        .testTarget(
            name: "MiddlerTests",
            dependencies: [
                "Middler", "RedisTestServer", "SessTestSupport", httpTypes, logging, nioCore, nioEmbedded, nioHTTP1,
                nioPosix, serviceLifecycle,
            ]
        ),
        // The code of the article with recipes, and that it works.
        .testTarget(
            name: "RecipeTests",
            dependencies: [
                "Modeler", "Sess", "SessHummingbird", "SessTestSupport", "SessTesting", httpTypes, hummingbird,
                nioCore,
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
            dependencies: ["Modeler", "RedisTestServer", "sess-demo", "SessTestSupport", "SessTesting"]
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
    "Shop": ["ModelerRedis", "SessHummingbird", hummingbird],
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
package.targets.append(
    .testTarget(
        name: "ShopTests", dependencies: ["Shop", "SessTesting", hummingbird, hummingbirdTesting],
        path: "Examples/ShopTests"))
