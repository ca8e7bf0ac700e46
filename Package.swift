// swift-tools-version: 6.1

import PackageDescription

// Imports point one way: every target names only targets above it in this list.
let package = Package(
  name: "moonlight",
  platforms: [.macOS(.v14)],
  targets: [
    // Where a text stands, what is wrong with it, and how to mend it.
    .target(name: "Diagnostics"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),

    // YAML and JSON to one located tree, and back to canonical text.
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .target(name: "ConfigDocument", dependencies: ["CLibYAML", "Diagnostics"]),

    // The CPU engine: a BLAS for the matrix products, small vectorised kernels for everything between them.
    .systemLibrary(
      name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .target(name: "CKernels"),
    .target(name: "Training", dependencies: ["CBLAS", "CKernels"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training", "CheckpointKillProbe"]),
    .executableTarget(
      name: "CheckpointKillProbe", dependencies: ["Training"], path: "Tests/Support/CheckpointKillProbe"),
    .executableTarget(
      name: "engine-benchmark", dependencies: ["Training"], path: "Tests/Benchmarks/EngineBenchmark"),
  ],
  swiftLanguageModes: [.v6]
)
