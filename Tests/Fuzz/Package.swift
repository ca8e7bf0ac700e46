// swift-tools-version: 6.1

import PackageDescription

// Built on demand, with sanitizers: see README.md. The libraries are those of the package above, through links, so that
// the same `package` declarations are at hand.
let settings: [SwiftSetting] = [.enableUpcomingFeature("InternalImportsByDefault")]

let package = Package(
  name: "moonlight-fuzz",
  platforms: [.macOS(.v15)],
  targets: [
    .target(name: "TestSupport", path: "Links/Support/TestSupport"),
    .target(name: "Diagnostics", path: "Links/Sources/Diagnostics"),
    .systemLibrary(name: "CLibYAML", path: "Links/Sources/CLibYAML", pkgConfig: "yaml-0.1"),
    .target(name: "ConfigDocument", dependencies: ["CLibYAML", "Diagnostics"], path: "Links/Sources/ConfigDocument"),
    .target(name: "Topology", path: "Links/Sources/Topology"),
    .target(name: "Releases", path: "Links/Sources/Releases"),
    .target(
      name: "LaunchModel", dependencies: ["ConfigDocument", "Diagnostics", "Releases", "Topology"],
      path: "Links/Sources/LaunchModel", swiftSettings: settings),
    .target(
      name: "Estimation", dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Topology"],
      path: "Links/Sources/Estimation", swiftSettings: settings),
    .target(
      name: "Validation",
      dependencies: ["ConfigDocument", "Diagnostics", "Estimation", "LaunchModel", "Releases", "Topology"],
      path: "Links/Sources/Validation", swiftSettings: settings),
    .target(
      name: "Migration", dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Releases", "Validation"],
      path: "Links/Sources/Migration", swiftSettings: settings),
    .target(
      name: "LanguageServer",
      dependencies: ["ConfigDocument", "Diagnostics", "LaunchModel", "Releases", "Topology", "Validation"],
      path: "Links/Sources/LanguageServer", swiftSettings: settings),
    .target(
      name: "Planning", dependencies: ["Diagnostics", "Estimation", "LaunchModel", "Topology", "Validation"],
      path: "Links/Sources/Planning", swiftSettings: settings),
    .target(
      name: "Reporting",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "LaunchModel", "Planning", "Topology", "Validation",
      ],
      path: "Links/Sources/Reporting", swiftSettings: settings),
    .target(
      name: "RecipeKit", dependencies: ["ConfigDocument", "LaunchModel", "Releases"], path: "Links/Sources/RecipeKit",
      swiftSettings: settings),
    .target(name: "FileAccess", path: "Links/Sources/FileAccess", swiftSettings: settings),
    .target(
      name: "Exporters", dependencies: ["ConfigDocument", "FileAccess", "LaunchModel", "Releases", "Topology"],
      path: "Links/Sources/Exporters", swiftSettings: settings),
    .target(
      name: "Importers", dependencies: ["ConfigDocument", "Diagnostics", "Exporters", "LaunchModel", "Releases"],
      path: "Links/Sources/Importers", swiftSettings: settings),
    .target(
      name: "MoonlightRecipes", dependencies: ["LaunchModel", "RecipeKit", "Releases"], path: "Links/Recipes"),
    .systemLibrary(name: "CBLAS", path: "Links/Sources/CBLAS", pkgConfig: "openblas"),
    .target(name: "CKernels", path: "Links/Sources/CKernels"),
    .target(
      name: "Training", dependencies: ["CBLAS", "CKernels"], path: "Links/Sources/Training", swiftSettings: settings),
    .target(
      name: "FuzzEntries",
      dependencies: [
        "ConfigDocument", "Diagnostics", "Estimation", "Importers", "LanguageServer", "LaunchModel", "Migration",
        "MoonlightRecipes", "RecipeKit", "Releases", "Reporting", "TestSupport", "Topology", "Training", "Validation",
      ]),
    .executableTarget(name: "fuzz", dependencies: ["FuzzEntries"]),
  ],
  swiftLanguageModes: [.v6]
)
