import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

/// Targets held against Megatron-Bridge's `ModuleMatcher` on real models (Tests/Reference/adapter_targets.py), and
/// against the counts of peft.
@Suite struct AdapterTargetsTests {
  struct Recorded: Sendable, CustomTestStringConvertible {
    let model: String
    let target: String
    let modules: [String]
    var testDescription: String { "\(target) on \(model)" }
  }

  static let recorded: [Recorded] = {
    let root = DocumentReader.read(bytes: Fixture.bytes("adapters/targets.json"), name: "targets.json").root
    return (root?.items ?? []).compactMap { node in
      guard let model = node["model"]?.scalar?.text, let target = node["target"]?.scalar?.text else { return nil }
      return Recorded(
        model: model, target: target, modules: node["modules"]?.items?.compactMap { $0.scalar?.text } ?? [])
    }
  }()

  /// The models of the script.
  private static func config(_ model: String) -> LaunchConfig {
    var config = LaunchConfig.resolve([Recipe.moonlight16BFinetune.layer()])
    config.model.numLayers = 2
    config.model.moeLayerFrequency = .many([0, 1])
    switch model {
    case "query latent, experts apart":
      config.model.qLoraRank = 1536
      config.model.moeGroupedGEMM = false
      config.model.numMoEExperts = 8
    case "no shared experts": config.model.moeSharedExpertIntermediateSize = nil
    default: break
    }
    return config
  }

  @Test func casesAreThere() { #expect(Self.recorded.count > 100) }

  @Test(arguments: recorded)
  func matchesWhatBridgeMatches(_ item: Recorded) {
    let targets = AdapterTargets(Self.config(item.model))
    let names = targets.matches(of: item.target).flatMap { targets.megatronNames(of: $0) }
    #expect(names.sorted() == item.modules)
  }

  /// Matrices that peft puts an adapter on in Moonlight-16B-A3B: 27 layers, the first dense, 64 experts.
  @Test(arguments: [
    (["q_proj"], 27), (["linear_q_proj"], 27), (["q_proj", "linear_q_proj"], 27),
    (["kv_a_proj_with_mqa", "kv_b_proj"], 54),
    (["gate_proj"], 1 + 26 + 26 * 64), (["mlp.gate_proj"], 1), (["shared_experts.gate_proj"], 26),
    (["experts.3.gate_proj"], 26), (["linear_fc1"], 2 * (1 + 26 + 26 * 64)), (["linear_fc2"], 1 + 26 + 26 * 64),
    (["model.layers.0.mlp.down_proj"], 1), (["*.layers.1*.self_attn.o_proj"], 11), (["lm_head"], 1), (["k_proj"], 0),
    (["*.shared_experts.linear_fc1", "*.mlp.linear_fc1"], 54),
  ])
  func countsMatrices(_ names: [String], _ count: Int) {
    var config = LaunchConfig.resolve([Recipe.moonlight16BFinetune.layer()])
    config.peft.targetModules = names
    let targets = AdapterTargets(config)
    let sum = targets.selection(config.peft).map { targets.matrices(of: $0) }.reduce(0, +)
    #expect(sum == count)
  }

  /// Without targets: every linear but the router, the duplicated projection and grouped experts.
  @Test(arguments: [
    ([], ["linear_proj", "linear_kv_up_proj", "linear_q_proj", "linear_fc1", "linear_fc2", "output_layer"]),
    (["linear_fc1", "output_layer"], ["linear_proj", "linear_kv_up_proj", "linear_q_proj", "linear_fc2"]),
    (["*.self_attention.*"], ["linear_fc1", "linear_fc2", "output_layer"]),
  ])
  func exclusions(_ excluded: [String], _ left: [String]) {
    var config = LaunchConfig.resolve([Recipe.moonlight16BFinetune.layer()])
    config.peft.targetModules = []
    config.peft.excludeModules = excluded
    let targets = AdapterTargets(config)
    #expect(Set(targets.selection(config.peft).map { String($0.module.name) }) == Set(left))
  }

  @Test func manyLayersAndStarsTakeNoTime() {
    var config = LaunchConfig.resolve([Recipe.moonlight16BFinetune.layer()])
    config.model.numLayers = 1_000_000
    config.model.moeLayerFrequency = .one(1)
    let targets = AdapterTargets(config)
    #expect(targets.matches(of: String(repeating: "*a", count: 200) + ".1").isEmpty)
  }
}
