import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import TestSupport
import Testing

@testable import Validation

/// No config, however absurd, traps or hangs: numbers at the ends of 64 bits, words where numbers belong, texts of a
/// million characters.
@Suite("Absurd configs are told so", .timeLimit(.minutes(3)))
struct ExtremeValueTests {
  private static let recipes = [
    "moonlight_16b_pretrain_config", "moonlight_16b_finetune_config", "moonlight_16b_pretrain_muon_config",
    "moonlight_tiny_pretrain_config",
  ]

  /// A YAML file's text for values by path.
  private static func text(on recipe: String, _ changes: [(String, String)]) -> String {
    var sections: [(name: String, lines: [String])] = []
    for (path, value) in changes {
      let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
      if !sections.contains(where: { $0.name == parts[0] }) { sections.append((parts[0], [])) }
      guard let index = sections.firstIndex(where: { $0.name == parts[0] }) else { continue }
      sections[index].lines.append("  \(parts[1]): \(value)")
    }
    return (["schema_version: 1", "extends: \(recipe)"] + sections.flatMap { ["\($0.name):"] + $0.lines })
      .joined(separator: "\n") + "\n"
  }

  /// Reads and validates, and asks for everything that follows.
  private static func validate(_ text: String) -> [Diagnostic] {
    let document = DocumentReader.read(text: text, name: "absurd.yaml", format: .yaml)
    let loaded = ConfigLoader(recipes: RecipeBook.shipped) { _ in [] }.load(document, path: "absurd.yaml")
    let run = RunFacts(loaded.resolution.config)
    let diagnostics = Validator.diagnostics(loaded, run)
    _ = DerivedValues(run, diagnostics)
    return diagnostics
  }

  /// Every field of every section, typed or carried.
  private static let paths: [String] = LaunchConfig.sections.flatMap { section in
    (section.schema.fields.map(\.name) + CarriedFields.names(of: section.schema.name, in: .current))
      .map { "\(section.schema.name).\($0)" }
  }

  private static let values: [String] = [
    "0", "-1", "1", "2", "3", "7", "64", "1048576", "1048577", "2147483647", "2147483648", "4611686018427387904",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.0e+308", "-1.0e+308", "1.0e-320", ".inf",
    "-.inf", ".nan", "0.5", "-0.0", "true", "false", "null", "\"\"", "x", "\"*\"", "\"1,1,1\"", "[]", "[0]",
    "[9223372036854775807, 9223372036854775807, 9223372036854775807]", "[1, 1, 9007199254740992]", "[[]]",
    "[embedding]", "[[embedding, decoder, loss]]", "{}", "{a: 1}", "[{path: a, weight: .nan}]",
    "[\"*.layers.0.*\", \"*\"]", "\"E|t*9999999|L\"", "full", "block", "auto", "13+14",
  ]

  @Test("random values in random fields", arguments: 0..<8)
  func randomValues(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<60 {
      let recipe = Self.recipes.randomElement(using: &generator) ?? ""
      let count = Int.random(in: 1...12, using: &generator)
      let chosen = Array(Self.paths.shuffled(using: &generator).prefix(count))
      let changes = chosen.map { ($0, Self.values.randomElement(using: &generator) ?? "0") }
      _ = Self.validate(Self.text(on: recipe, changes))
    }
  }

  /// The same with what the reader lets through: the ends of each field's own range, many at a time.
  @Test("the ends of ranges, many at a time", arguments: 0..<8)
  func endsOfRanges(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed) &+ 100)
    let fields = LaunchConfig.sections.flatMap { section in
      section.schema.fields.map { (path: FieldPath(section.schema.name, $0.name), bounds: $0.bounds) }
    }
    for _ in 0..<60 {
      let recipe = try #require(
        Self.recipes.randomElement(using: &generator).flatMap { RecipeBook.shipped.recipe(named: $0) })
      var layer = Layer(name: "absurd")
      for field in fields.shuffled(using: &generator).prefix(Int.random(in: 1...40, using: &generator)) {
        let (low, high) = (field.bounds.lower ?? -1e15, field.bounds.upper ?? 1e15)
        let (least, most) = (Int(low.rounded(.up)), Int(high.rounded(.down)))
        let ends: [ConfigValue] = [
          .int(most), .int(least), .int(min(least + 1, most)), .float(low), .float(high), .null,
          .list([.int(most), .int(most), .int(most)]), .list([]), .bool(true), .bool(false), .string("*"),
        ]
        layer.assign(field.path, ends.randomElement(using: &generator) ?? .null, .program)
      }
      let config = LaunchConfig.resolve([recipe.layer(RecipeChoices(model: recipe.defaults.model, peft: nil)), layer])
      let run = RunFacts(config)
      _ = (Validator.findings(run), DerivedValues(run))
    }
  }

  @Test(
    "single values that are too much",
    arguments: [
      ("model.num_layers", "1000000000"), ("model.num_layers", "1048576"), ("model.num_moe_experts", "1048576"),
      ("parallelism.pipeline_model_parallel_size", "1000000"),
      ("parallelism.virtual_pipeline_model_parallel_size", "1048576"),
      ("parallelism.tensor_model_parallel_size", "1048576"), ("train.global_batch_size", "2147483647"),
      ("train.train_samples", "9007199254740992"), ("scheduler.lr_warmup_fraction", "1.0e+300"),
      ("model.make_vocab_size_divisible_by", "2147483647"), ("recompute.recompute_num_layers", "0"),
      ("parallelism.pipeline_model_parallel_layout", "\"E\(String(repeating: "t", count: 1_000_000))L\""),
      ("parallelism.pipeline_model_parallel_layout", "\"\(String(repeating: "(", count: 100_000))\""),
      ("parallelism.pipeline_model_parallel_layout", "\"E\(String(repeating: "|", count: 1_000_000))L\""),
      ("parallelism.pipeline_model_parallel_layout", "\"E(t*99999)*99999L\""),
      ("parallelism.pipeline_model_parallel_layout", "\"\(String(repeating: "9+", count: 300_000))9\""),
      ("dataset.split", "\"\(String(repeating: "1,", count: 500_000))1\""),
      ("peft.target_modules", "[\"\(String(repeating: "*a", count: 50_000))\"]"),
      ("model.moe_layer_freq", "[\(String(repeating: "1, ", count: 200_000))1]"),
      ("train.rampup_batch_size", "[1, 1, 9007199254740992]"), ("train.rampup_batch_size", "[8, 8, 2]"),
      ("parallelism.hierarchical_context_parallel_sizes", "[1048576, 1048576, 1048576, 1048576]"),
    ])
  func tooMuch(path: String, value: String) {
    for recipe in Self.recipes { _ = Self.validate(Self.text(on: recipe, [(path, value)])) }
  }

  @Test("sizes that multiply past 64 bits are errors, not traps")
  func products() {
    let most = "1048576"
    let diagnostics = Self.validate(
      Self.text(
        on: Self.recipes[0],
        [
          ("cluster.num_nodes", most), ("cluster.gpus_per_node", most),
          ("parallelism.tensor_model_parallel_size", most), ("parallelism.pipeline_model_parallel_size", most),
          ("parallelism.context_parallel_size", most), ("parallelism.expert_model_parallel_size", most),
          ("parallelism.expert_tensor_parallel_size", most), ("train.global_batch_size", "2147483647"),
          ("train.train_iters", "2147483647"),
        ]))
    #expect(diagnostics.contains { $0.severity == .error })
  }
}
