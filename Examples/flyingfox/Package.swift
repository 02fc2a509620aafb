// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who depends on sess resolves FlyingFox.
let package = Package(
    name: "sess-flyingfox",
    platforms: [.macOS(.v15)],
    products: [.library(name: "SessFlyingFox", targets: ["SessFlyingFox"])],
    dependencies: [
        .package(name: "sess", path: "../.."),
        .package(url: "https://github.com/swhitty/FlyingFox.git", .upToNextMinor(from: "0.27.1")),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.4.0"),
    ],
    targets: [
        .target(
            name: "SessFlyingFox",
            dependencies: [
                .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Sess", package: "sess"),
            ]
        ),
        .executableTarget(name: "counter", dependencies: ["SessFlyingFox"]),
        .testTarget(name: "SessFlyingFoxTests", dependencies: ["SessFlyingFox"]),
    ]
)
