// swift-tools-version: 6.1

import PackageDescription

let package = Package(
  name: "custom-recipe",
  platforms: [.macOS(.v14)],
  dependencies: [.package(name: "moonlight", path: "../..")],
  targets: [
    .executableTarget(
      name: "custom-recipe",
      dependencies: [
        .product(name: "RecipeKit", package: "moonlight"), .product(name: "MoonlightRecipes", package: "moonlight"),
        .product(name: "MoonlightCLI", package: "moonlight"),
      ],
      path: "Sources")
  ]
)
