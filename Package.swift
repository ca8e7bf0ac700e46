// swift-tools-version: 6.1

import PackageDescription

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

    // Plain numbers in; ranks, stages, layouts and timelines out.
    .target(name: "Topology"),
    .testTarget(name: "TopologyTests", dependencies: ["Topology"]),

    // The typed sections, their one declaration a field, and the layers that fill them.
    .target(name: "LaunchModel", dependencies: ["ConfigDocument", "Diagnostics", "Topology"]),

    // What Megatron would refuse, rule by rule.
    .target(name: "Validation", dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Topology"]),

    // The language that recipes are written in, and the recipes.
    .target(name: "RecipeKit", dependencies: ["ConfigDocument", "LaunchModel"]),
    .target(name: "MoonlightRecipes", dependencies: ["LaunchModel", "RecipeKit"], path: "Recipes"),

    // One file a command.
    .target(
      name: "MoonlightCLI",
      dependencies: [
        "ConfigDocument", "Diagnostics", "LaunchModel", "RecipeKit", "MoonlightRecipes", "Topology", "Validation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "moonlight", dependencies: ["MoonlightCLI", "MoonlightRecipes"]),
  ],
  swiftLanguageModes: [.v6]
)
