// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "sess",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Modeler", targets: ["Modeler"]),
        .library(name: "ModelerTesting", targets: ["ModelerTesting"]),
    ],
    dependencies: [],
    targets: [
        .target(name: "Modeler"),
        .target(name: "ModelerTesting", dependencies: ["Modeler"]),
        .testTarget(name: "ModelerTests", dependencies: ["Modeler", "ModelerTesting"]),
    ]
)

for target in package.targets where target.type != .system && target.type != .plugin {
    target.swiftSettings = (target.swiftSettings ?? []) + [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
        .enableUpcomingFeature("ExistentialAny"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
        .enableUpcomingFeature("MemberImportVisibility"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
        .enableUpcomingFeature("InternalImportsByDefault"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
