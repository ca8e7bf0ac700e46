// swift-tools-version: 6.1

import PackageDescription

/// An import is an implementation detail unless it says `public` or `package`.
let settings: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

/// A process that loads the Swift runtime as shared libraries starts twice as slowly as one that holds it, which is most of
/// what a command of the tool takes. `MOONLIGHT_SHARED=1` links a release build like any other, for a toolchain without the
/// static libraries. The two libraries are those that Foundation's module names only where everything is static.
let selfContained: [LinkerSetting] =
  Context.environment["MOONLIGHT_SHARED"] != nil
  ? []
  : [
    .unsafeFlags(["-static-executable", "-use-ld=lld"], .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCShims", .when(platforms: [.linux], configuration: .release)),
    .linkedLibrary("_FoundationCollections", .when(platforms: [.linux], configuration: .release)),
  ]

// Imports point one way: every target names only targets above it in this list.
let package = Package(
  name: "moonlight",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "moonlight", targets: ["moonlight"]),
    .executable(name: "moonlight-trainer", targets: ["moonlight-trainer"]),
    // For recipes in packages of their own.
    .library(name: "RecipeKit", targets: ["RecipeKit"]),
    .library(name: "MoonlightRecipes", targets: ["MoonlightRecipes"]),
    .library(name: "MoonlightCLI", targets: ["MoonlightCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What the tests of several targets need.
    .target(name: "TestSupport", path: "Tests/Support/TestSupport"),

    // Where a text stands, what is wrong with it, and how to mend it.
    .target(name: "Diagnostics"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),

    // YAML and JSON to one located tree, and back to canonical text.
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .target(name: "ConfigDocument", dependencies: ["CLibYAML", "Diagnostics"]),
    .testTarget(name: "ConfigDocumentTests", dependencies: ["ConfigDocument", "TestSupport"]),

    // Files read whole, and written whole or not at all.
    .target(name: "FileAccess", swiftSettings: settings),
    .testTarget(name: "FileAccessTests", dependencies: ["FileAccess"]),

    // Plain numbers in; ranks, stages, layouts and timelines out.
    .target(name: "Topology"),
    .testTarget(name: "TopologyTests", dependencies: ["Topology", "TestSupport"]),

    // What differs between the releases of Megatron: versions, classes, fields, facts.
    .target(name: "Releases"),
    .testTarget(name: "ReleasesTests", dependencies: ["Releases"]),

    // The typed sections, their one declaration a field, and the layers that fill them.
    .target(
      name: "LaunchModel", dependencies: ["ConfigDocument", "Diagnostics", "Releases", "Topology"],
      swiftSettings: settings),
    .testTarget(
      name: "LaunchModelTests",
      dependencies: ["LaunchModel", "ConfigDocument", "Diagnostics", "MoonlightRecipes", "RecipeKit", "Releases"]),

    // Parameters, memory and operations, before anything runs.
    .target(
      name: "Estimation", dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Topology"],
      swiftSettings: settings),
    .testTarget(
      name: "EstimationTests",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "LaunchModel", "MoonlightRecipes", "RecipeKit", "Topology",
        "TestSupport",
      ]),

    // What Megatron would refuse, rule by rule.
    .target(
      name: "Validation",
      dependencies: ["ConfigDocument", "Diagnostics", "Estimation", "LaunchModel", "Releases", "Topology"],
      swiftSettings: settings),
    .testTarget(
      name: "ValidationTests",
      dependencies: [
        "Validation", "MoonlightRecipes", "LaunchModel", "ConfigDocument", "Diagnostics", "Estimation", "Releases",
        "RecipeKit", "TestSupport", "Topology",
      ]),

    // A config made one for another release, in its own text.
    .target(
      name: "Migration", dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Releases", "Validation"],
      swiftSettings: settings),
    .testTarget(
      name: "MigrationTests",
      dependencies: [
        "ConfigDocument", "Diagnostics", "LaunchModel", "Migration", "MoonlightRecipes", "RecipeKit", "Releases",
        "TestSupport", "Validation",
      ]),

    // Every legal layout on so many GPUs, ranked by estimate.
    .target(
      name: "Planning", dependencies: ["Diagnostics", "Estimation", "LaunchModel", "Topology", "Validation"],
      swiftSettings: settings),
    .testTarget(
      name: "PlanningTests",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "LaunchModel", "MoonlightRecipes", "Planning", "RecipeKit",
        "Topology",
        "Validation",
        "TestSupport",
      ]),

    // Diagnostics in the forms that people and programs read.
    .target(
      name: "Reporting",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "LaunchModel", "Planning", "Topology", "Validation",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ReportingTests",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "LaunchModel", "MoonlightRecipes", "RecipeKit", "Reporting",
        "Topology", "Validation",
      ]),

    // The language that recipes are written in, and the recipes.
    .target(name: "RecipeKit", dependencies: ["ConfigDocument", "LaunchModel", "Releases"], swiftSettings: settings),
    .target(name: "MoonlightRecipes", dependencies: ["LaunchModel", "RecipeKit", "Releases"], path: "Recipes"),

    // The same config for Megatron's own programs: files, arguments, launch scripts.
    .target(
      name: "Exporters", dependencies: ["ConfigDocument", "FileAccess", "LaunchModel", "Releases", "Topology"],
      swiftSettings: settings),
    .testTarget(
      name: "ExportersTests",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Exporters", "FileAccess", "Importers", "LaunchModel", "MoonlightRecipes",
        "RecipeKit",
        "Releases", "TestSupport",
      ]),

    // What people have already, read as a launch config: Megatron-LM's arguments.
    .target(
      name: "Importers", dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Releases"],
      swiftSettings: settings),
    .testTarget(
      name: "ImportersTests",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Exporters", "Importers", "LaunchModel", "MoonlightRecipes", "RecipeKit",
        "Releases", "TestSupport", "Validation",
      ]),

    // The protocol that editors speak, apart from the streams it goes over.
    .target(
      name: "LanguageServer",
      dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Releases", "Topology", "Validation"],
      swiftSettings: settings),
    .testTarget(
      name: "LanguageServerTests",
      dependencies: [
        "ConfigDocument", "Diagnostics", "LanguageServer", "LaunchModel", "MoonlightRecipes", "RecipeKit", "Releases",
      ]),

    // What every command line of the package needs: arguments, streams, inputs, exit statuses.
    .target(
      name: "CommandSupport",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "FileAccess", "Importers", "LaunchModel", "Releases",
        "Reporting", "Validation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    // One file a command.
    .target(
      name: "MoonlightCLI",
      dependencies: [
        "CommandSupport", "ConfigDocument", "Diagnostics", "Estimation", "Exporters", "FileAccess", "Importers",
        "LanguageServer",
        "LaunchModel", "Migration", "MoonlightRecipes", "Planning", "RecipeKit", "Releases", "Reporting", "Topology",
        "Validation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "moonlight", dependencies: ["MoonlightCLI", "MoonlightRecipes"], linkerSettings: selfContained),

    // Examples/CustomRecipe as part of this build, so that a test runs it.
    .executableTarget(
      name: "custom-recipe", dependencies: ["MoonlightCLI", "MoonlightRecipes", "RecipeKit"],
      path: "Examples/CustomRecipe/Sources"),

    // The CPU engine: a BLAS for the matrix products, small vectorised kernels for everything between them.
    .systemLibrary(
      name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .target(name: "CKernels"),
    .target(name: "Training", dependencies: ["CBLAS", "CKernels"], swiftSettings: settings),
    .testTarget(name: "TrainingTests", dependencies: ["CKernels", "Training", "CheckpointKillProbe"]),
    .executableTarget(
      name: "CheckpointKillProbe", dependencies: ["Training"], path: "Tests/Support/CheckpointKillProbe"),

    // A launch config run on the CPU engine.
    .target(
      name: "Trainer", dependencies: ["ConfigDocument", "FileAccess", "LaunchModel", "Releases", "Training"],
      swiftSettings: settings),

    // The trainer's command line.
    .target(
      name: "TrainerCLI",
      dependencies: [
        "CommandSupport", "ConfigDocument", "Diagnostics", "Estimation", "Exporters", "FileAccess", "LaunchModel",
        "Reporting", "Topology", "Trainer", "Training", "Validation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(name: "moonlight-trainer", dependencies: ["MoonlightRecipes", "RecipeKit", "TrainerCLI"]),
    // For maintainers: writes or checks everything generated.
    .executableTarget(
      name: "moonlight-dev",
      dependencies: [
        "CommandSupport", "ConfigDocument", "FileAccess", "LaunchModel", "MoonlightCLI", "MoonlightRecipes",
        "Releases", "TrainerCLI", "Validation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    .testTarget(
      name: "TrainerTests",
      dependencies: [
        "ConfigDocument", "LaunchModel", "MoonlightRecipes", "RecipeKit", "Releases", "Trainer", "Training",
        "moonlight-trainer",
      ]),

    // Command lines with all that they print, as a user would see it.
    .testTarget(
      name: "CLITests",
      dependencies: ["TestSupport", "custom-recipe", "moonlight", "moonlight-dev", "moonlight-trainer"],
      exclude: ["Scripts"]),

    // Random inputs for every reader; Tests/Fuzz is a package of its own that runs them by the million.
    .target(
      name: "FuzzEntries",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "Importers", "LanguageServer", "LaunchModel", "Migration",
        "MoonlightRecipes", "RecipeKit", "Releases", "Reporting", "TestSupport", "Topology", "Training", "Validation",
      ],
      path: "Tests/Fuzz/Sources/FuzzEntries"),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzEntries"]),

    .executableTarget(
      name: "engine-benchmark", dependencies: ["CBLAS", "CKernels", "Training"],
      path: "Tests/Benchmarks/EngineBenchmark"),
    .executableTarget(
      name: "validation-benchmark",
      dependencies: ["ConfigDocument", "LaunchModel", "MoonlightRecipes", "RecipeKit", "Validation"],
      path: "Tests/Benchmarks/ValidationBenchmark"),
  ],
  swiftLanguageModes: [.v6]
)
