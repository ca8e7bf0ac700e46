import ConfigDocument
import Foundation
import LaunchModel
import MoonlightRecipes
import RecipeKit

/// What other people's programs say of random configs: a line of a file in Tests/Fixtures/estimation.
struct EstimationCase: Sendable {
  let line: ConfigMapping

  /// The file's cases.
  static func all(_ name: String) -> [EstimationCase] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appendingPathComponent("Fixtures/estimation/\(name).jsonl")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      guard case .mapping(let fields)? = DocumentReader.read(text: String(line), name: name, format: .json).root?.value
      else { return nil }
      return EstimationCase(line: fields)
    }
  }

  /// A recipe with the case's `set` on top, by dotted paths.
  func config(_ recipe: Recipe, _ peft: PEFTScheme? = nil) -> LaunchConfig {
    var layer = Layer(name: "fixture")
    layer.assign(Path.parallelism.pipelineModelParallelLayout, .null, .program)
    for (path, value) in changes {
      let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
      layer.assign(FieldPath(parts[0], parts[1]), value, .program)
    }
    return LaunchConfig.resolve([recipe.layer(RecipeChoices(model: .moonlight16BA3B, peft: peft)), layer])
  }

  var changes: [(path: String, value: ConfigValue)] {
    guard case .mapping(let set)? = line["set"] else { return [] }
    return set.entries.map { ($0.key, $0.value) }
  }

  func int(_ name: String) -> Int? { line[name].flatMap(Int.init) }
  func double(_ name: String) -> Double? { line[name].flatMap(Double.init) }
  func string(_ name: String) -> String? { line[name].flatMap(String.init) }

  /// For failures.
  var shown: String { changes.map { "\($0.path)=\($0.value)" }.joined(separator: " ") }
}

extension Node {
  /// The value without its places.
  fileprivate var value: ConfigValue {
    if let scalar { return scalar.value(in: .v1_2) }
    if let items { return .list(items.map(\.value)) }
    return .mapping(ConfigMapping((entries ?? []).map { ConfigMapping.Entry($0.key, $0.value.value) }))
  }
}
