import ConfigDocument
import Estimation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

/// Parameters of adapters on Moonlight-16B-A3B, worked out by hand and with peft on the meta device.
@Suite struct AdapterCountTests {
  private func total(_ targets: [String], dim: Int, _ scheme: PEFTScheme, expertParallel: Int = 1) -> Int {
    var layer = Layer(name: "test")
    layer.assign(Path.peft.targetModules, .list(targets.map { .string($0) }), .program)
    layer.assign(Path.peft.dim, .int(dim), .program)
    let config = LaunchConfig.resolve([
      Recipe.moonlight16BFinetune.layer(RecipeChoices(model: .moonlight16BA3B, peft: scheme)), layer,
    ])
    return AdapterParameters(config, Architecture(config), vocabSize: 163_840).total(expertParallel: expertParallel)
  }

  /// Targets, parameters of one rank step, magnitudes of DoRA.
  @Test(arguments: [
    (["linear_q_proj"], 138_240, 82_944), (["linear_kv_down_proj"], 70_848, 15_552),
    (["linear_kv_up_proj"], 124_416, 110_592), (["linear_proj"], 110_592, 55_296),
    (["linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj"], 444_096, 264_384),
    (["*.layers.0.mlp.linear_fc1", "*.layers.0.mlp.linear_fc2"], 37_888, 24_576),
    (["*.shared_experts.linear_fc1", "*.shared_experts.linear_fc2"], 326_144, 199_680),
  ])
  func attentionAndDense(targets: [String], perDim: Int, magnitudes: Int) {
    for dim in [8, 16, 32] {
      #expect(total(targets, dim: dim, .lora) == perDim * dim)
      #expect(total(targets, dim: dim, .dora) == perDim * dim + magnitudes)
    }
  }

  /// Grouped experts of a rank share an adapter, so the number of expert ranks counts.
  @Test(arguments: [(1, 1_730_560), (4, 6_922_240), (8, 13_844_480)])
  func groupedExperts(expertParallel: Int, parameters: Int) {
    let targets = ["*.mlp.experts.linear_fc1", "*.mlp.experts.linear_fc2"]
    #expect(total(targets, dim: 8, .lora, expertParallel: expertParallel) == parameters)
  }

  @Test func everyLinear() {
    let targets = [
      "linear_q_proj", "linear_kv_down_proj", "linear_kv_up_proj", "linear_proj", "linear_fc1", "linear_fc2",
    ]
    #expect(total(targets, dim: 8, .lora, expertParallel: 8) == 20_309_504)
  }
}
