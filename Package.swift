// swift-tools-version: 6.1

import PackageDescription

/// An import is an implementation detail unless it says `public` or `package`.
let settings: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

// Imports point one way: every target names only targets above it in this list.
let package = Package(
  name: "moonlight",
  platforms: [.macOS(.v14)],
  products: [
    .executable(name: "moonlight", targets: ["moonlight"]),
    // For recipes in packages of their own.
    .library(name: "RecipeKit", targets: ["RecipeKit"]),
    .library(name: "MoonlightRecipes", targets: ["MoonlightRecipes"]),
    .library(name: "MoonlightCLI", targets: ["MoonlightCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // Where a text stands, what is wrong with it, and how to mend it.
    .target(name: "Diagnostics"),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),

    // YAML and JSON to one located tree, and back to canonical text.
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .target(name: "ConfigDocument", dependencies: ["CLibYAML", "Diagnostics"]),
    .testTarget(name: "ConfigDocumentTests", dependencies: ["ConfigDocument"]),

    // Plain numbers in; ranks, stages, layouts and timelines out.
    .target(name: "Topology"),
    .testTarget(name: "TopologyTests", dependencies: ["Topology"]),

    // The typed sections, their one declaration a field, and the layers that fill them.
    .target(name: "LaunchModel", dependencies: ["ConfigDocument", "Diagnostics", "Topology"], swiftSettings: settings),
    .testTarget(name: "LaunchModelTests", dependencies: ["LaunchModel", "ConfigDocument", "Diagnostics", "MoonlightRecipes"]),

    // What Megatron would refuse, rule by rule.
    .target(name: "Validation", dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Topology"], swiftSettings: settings),
    .testTarget(name: "ValidationTests", dependencies: ["Validation", "MoonlightRecipes", "LaunchModel", "ConfigDocument", "Diagnostics", "Topology", "RecipeKit"]),

    // The language that recipes are written in, and the recipes.
    .target(name: "RecipeKit", dependencies: ["ConfigDocument", "LaunchModel"], swiftSettings: settings),
    .target(name: "MoonlightRecipes", dependencies: ["LaunchModel", "RecipeKit"], path: "Recipes"),

    // One file a command.
    .target(
      name: "MoonlightCLI",
      dependencies: [
        "ConfigDocument", "Diagnostics", "LaunchModel", "RecipeKit", "MoonlightRecipes", "Topology", "Validation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .executableTarget(name: "moonlight", dependencies: ["MoonlightCLI", "MoonlightRecipes"]),
  ],
  swiftLanguageModes: [.v6]
)
