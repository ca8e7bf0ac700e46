import ConfigDocument
import Exporters
import Foundation
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

@testable import LaunchModel

/// The recipes that a release brings: exported for it, they are what its own functions resolve to, field by field.
@Suite("The recipes of a release") struct UpstreamRecipeTests {
  /// What `ConfigContainer.to_yaml` writes of a function's result; Tests/Reference/recipe_fixtures.py wrote it.
  struct Dump: Sendable, CustomTestStringConvertible {
    let release: Release
    let file: String
    let function: String
    let aliases: [String]
    let peft: PEFTScheme?
    var testDescription: String { "\(release.megatronBridge) \(file)" }
  }

  /// Those of arguments that our recipes have choices for: Kimi-K2 with AdamW is not among them.
  static let dumps = Release.all.flatMap(dumps(of:))

  private static func dumps(of release: Release) -> [Dump] {
    guard case .mapping(let index)? = try? read("index.json", of: release).root?.plainValue else { return [] }
    return index.entries.compactMap { entry in
      guard case .mapping(let about) = entry.value, case .string(let function)? = about["function"],
        case .list(let aliases)? = about["aliases"], case .mapping(let arguments)? = about["arguments"],
        arguments["optimizer_type"] != "adam"
      else { return nil }
      return Dump(
        release: release, file: entry.key, function: lastName(function),
        aliases: aliases.compactMap { String($0) }.map(lastName),
        peft: arguments["peft_scheme"].flatMap { PEFTScheme($0) })
    }
  }

  @Test func dumpsAreFound() { #expect(Self.dumps.count == 8 + 8 + 13) }

  @Test("every field equals the real function's, but for those listed", arguments: dumps)
  func fields(_ dump: Dump) throws {
    let document = try Self.read(dump.file, of: dump.release)
    let recipe = try #require(RecipeBook.shipped.recipe(named: dump.function, by: dump.release))
    var choices = recipe.defaults
    if let peft = dump.peft { choices.peft = peft }
    choices.release = dump.release
    // The functions write below the folder that they are called in.
    let set = Overrides(["recipe.dir=/workspace/nemo_experiments"]).reading(for: dump.release)
    let config = LaunchConfig.resolve([recipe.layer(choices), set.layer], for: dump.release)

    let theirs = Fields(try #require(document.root?.plainValue), dump.release)
    let ours = Fields(.mapping(BridgeConfig.tree(of: config).value), dump.release)
    var differing: Set<String> = []
    for path in Set(theirs.values.keys).union(ours.values.keys) where theirs.value(path) != ours.value(path) {
      differing.insert(path)
    }
    if differing.remove("model.pipeline_model_parallel_layout") != nil {
      // Bridge writes lists, and Megatron's notation means the same.
      let loaded = ConfigLoader(recipes: RecipeBook.shipped, release: dump.release) { _ in [] }
        .load(document, path: dump.file)
      #expect(
        loaded.resolution.config.withCanonicalLayout().parallelism.pipelineModelParallelLayout
          == config.withCanonicalLayout().parallelism.pipelineModelParallelLayout)
    }
    let expected = Self.differences.filter {
      $0.in.contains(dump.release) && $0.only?.contains(dump.function) ?? true
    }
    for path in differing where !expected.contains(where: { $0.covers(path) }) {
      Issue.record("\(path): \(ours.value(path)), the real function's \(theirs.value(path))")
    }
    for difference in expected where difference.only != nil && !differing.contains(where: difference.covers) {
      Issue.record("\(difference.path) does not differ any more")
    }
  }

  /// What the release's optimizer was made of, whose twenty steps the engine's Muon repeats.
  @Test("the Muon recipe says what the release wants")
  func muon() throws {
    let (recipe, release) = (Recipe.moonlight16BPretrainMuon, Release.bridge062)
    var choices = recipe.defaults
    choices.release = release
    let config = LaunchConfig.resolve([recipe.layer(choices)], for: release)
    let optimizer = try #require(BridgeConfig.tree(of: config).value["optimizer"])
    let file = Goldens.folder.deletingLastPathComponent().appending(path: "engine/muon_release.json")
    let answer = DocumentReader.read(text: try String(contentsOf: file, encoding: .utf8), name: "muon", format: .json)
    guard case .mapping(let settings)? = answer.root?["settings"]?.plainValue, case .mapping(let written) = optimizer
    else {
      Issue.record("no settings")
      return
    }
    #expect(settings["optimizer"] == "muon" && settings["use_layer_wise_distributed_optimizer"] == true)
    for setting in settings.entries { #expect(written[setting.key] == setting.value, "\(setting.key)") }
    #expect(written["use_distributed_optimizer"] == false)
  }

  @Test("short names mean what the release means by them", arguments: dumps)
  func names(_ dump: Dump) throws {
    for name in Set([dump.function] + dump.aliases) {
      let meant = try #require(RecipeBook.shipped.recipe(named: name, by: dump.release), "\(name)")
      #expect(meant.name.split(separator: ".").last.map { String($0) } == dump.function)
      let whole = "megatron.bridge.recipes.moonlight." + name
      #expect(RecipeBook.shipped.recipe(named: whole, for: dump.release)?.name == meant.name)
      #expect(dump.release.recipeFunction(named: name) == dump.function)
    }
  }

  /// A field whose exported value is another than the real function's, on purpose.
  struct Difference: Sendable {
    let path: String
    let reason: String
    /// The releases of these functions where it differs.
    var `in`: ReleaseSet = .all
    /// The functions where it differs; `nil` for wherever it does.
    var only: Set<String>?

    func covers(_ path: String) -> Bool { path == self.path || path.hasPrefix(self.path + ".") }
  }

  static let differences: [Difference] = [
    Difference(path: "checkpoint.async_strategy", reason: "made from async_save when the object is made"),
    Difference(path: "mixed_precision.fp8_param", reason: "made from fp8_param_gather when the object is made"),
    Difference(path: "mixed_precision.fp4_param", reason: "made from fp4_param_gather when the object is made"),
    Difference(path: "peft.params_to_save", reason: "filled at start-up; the release's own loader refuses the set"),
    Difference(path: "dataset.seq_length", reason: "written by the class's own name for it, sequence_length"),
    Difference(path: "dataset.sequence_length", reason: "the same"),
    Difference(
      path: "tokenizer.trust_remote_code",
      reason: "written where the class has the field, and not among the loader's arguments alone"),
    Difference(
      path: "mixed_precision", reason: "its name, for which the object is written",
      only: ["deepseek_v2_lite_pretrain_config", "deepseek_v2_lite_pretrain_8gpu_h100_bf16_config"]),
    Difference(
      path: "scheduler.lr_decay_iters", reason: "null, which start-up makes the whole run",
      only: [
        "deepseek_v2_lite_pretrain_config", "deepseek_v3_pretrain_config", "deepseek_v3_pretrain_config_32nodes",
        "deepseek_v2_lite_pretrain_8gpu_h100_bf16_config", "deepseek_v3_pretrain_1024gpu_h100_bf16_config",
        "deepseek_v3_pretrain_256gpu_h100_bf16_32nodes_config",
      ]),
    Difference(
      path: "model.seq_length", reason: "131072 with data of 4096, which the release refuses to start with",
      only: ["kimi_k2_pretrain_512gpu_h100_bf16_config"]),
    Difference(
      path: "model.transformer_layer_spec",
      reason: "default_layer_spec, with which every layer has experts, whatever moe_layer_freq says",
      only: ["moonlight_16b_sft_config", "moonlight_16b_peft_config"]),
    Difference(
      path: "model.max_position_embeddings", reason: "a field of the classes of the release's own models",
      in: .only(.bridge031),
      only: ["moonlight_16b_sft_config", "moonlight_16b_peft_config", "kimi_k2_pretrain_config"]),
    Difference(
      path: "dataset.process_example_fn", reason: "the release's own loader takes no function from a file",
      in: .only(.bridge051), only: ["moonlight_16b_sft_config", "moonlight_16b_peft_config"]),
  ]

  // MARK: Reading

  private static func lastName(_ path: String) -> String { String(path.split(separator: ".").last ?? "") }

  private static func read(_ name: String, of release: Release) throws -> ParsedDocument {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/recipes/\(release.megatronBridge)")
    return DocumentReader.read(
      text: try String(contentsOf: folder.appending(path: name), encoding: .utf8), name: name,
      format: name.hasSuffix(".json") ? .json : .yaml)
  }

  /// Every field of a container by its path, one form for each value.
  struct Fields {
    private(set) var values: [String: ConfigValue] = [:]
    private var defaults: [String: ConfigValue] = [:]

    init(_ container: ConfigValue, _ release: Release) {
      guard case .mapping(let attributes) = container else { return }
      for attribute in attributes.entries { add(attribute.value, at: attribute.key) }
      for attribute in release.classes.attributes { addDefaults(of: attribute, release) }
      for (object, key) in [
        ("dataset.packed_sequence_specs", "packed_sequence_specs"),
        ("dataset.offline_packing_specs", "packed_sequence_specs"), ("dataset.hf_dataset", "hf_dataset_source"),
        ("dataset.preprocessing", "preprocessing_examples"),
      ] {
        addDefaults(ofClass: key, at: object, release)
      }
    }

    /// What is written, or the class's default.
    func value(_ path: String) -> ConfigValue { values[path] ?? defaults[path] ?? .null }

    private mutating func add(_ value: ConfigValue, at path: String) {
      guard case .mapping(let mapping) = value, mapping["_call_"] == nil, mapping["_partial_"] == nil,
        !mapping.entries.isEmpty
      else {
        values[path] = Self.plain(value, path)
        return
      }
      // Which class an object is of, other tests check.
      for entry in mapping.entries where entry.key != "_target_" { add(entry.value, at: "\(path).\(entry.key)") }
    }

    private mutating func addDefaults(of attribute: ContainerAttribute, _ release: Release) {
      for key in attribute.fieldClasses { addDefaults(ofClass: key, at: attribute.name, release) }
    }

    private mutating func addDefaults(ofClass key: String, at path: String, _ release: Release) {
      for field in release.fields.fields(of: key) where defaults["\(path).\(field.name)"] == nil {
        guard let value = ConfigValue(json: field.defaultText) else { continue }
        defaults["\(path).\(field.name)"] = Self.plain(value, path)
      }
    }

    /// Numbers are numbers, and objects what they stand for.
    private static func plain(_ value: ConfigValue, _ path: String) -> ConfigValue {
      switch value {
      case .int(let number): return path.hasPrefix("env_vars.") ? .string("\(number)") : .float(Double(number))
      case .float(.infinity): return "inf"
      case .string(let text): return .string(text.split(separator: ".").last.map(String.init) ?? text)
      case .list(let items): return .list(items.map { plain($0, path) })
      case .mapping(let mapping):
        if mapping["_call_"] == .bool(false), case .string(let target)? = mapping["_target_"] {
          return plain(.string(target), path)
        }
        if case .list(let arguments)? = mapping["_args_"], let only = arguments.first, arguments.count == 1 {
          return plain(only, path)
        }
        let kept = mapping.entries.filter { $0.key != "_args_" || $0.value != .list([]) }
          .sorted { $0.key < $1.key }
        return .mapping(ConfigMapping(kept.map { ConfigMapping.Entry($0.key, plain($0.value, path)) }))
      default: return value
      }
    }
  }
}
