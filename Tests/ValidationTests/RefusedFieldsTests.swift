import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

@testable import Validation

/// What follows from a value that reading has refused.
@Suite struct RefusedFieldsTests {
  @Test(
    arguments: [
      ("model.ffn_hidden_size", ["model.moe_ffn_hidden_size": .null], ["model.moe_ffn_hidden_size"]),
      ("model.ffn_hidden_size", ["model.moe_ffn_hidden_size": 1408], []),
      (
        "model.hidden_size", ["model.ffn_hidden_size": .null, "model.moe_ffn_hidden_size": .null],
        ["model.ffn_hidden_size", "model.kv_channels", "model.moe_ffn_hidden_size"]
      ),
      (
        "parallelism.tensor_model_parallel_size", ["parallelism.expert_tensor_parallel_size": .null],
        ["parallelism.expert_tensor_parallel_size"]
      ),
      ("optimizer.lr", [:], []),
    ] as [(String, [String: ConfigValue], [String])])
  func unsetFieldsFollow(refused: String, changes: [String: ConfigValue], followers: [String]) throws {
    let config = try GoodConfig.pretrain.config(["model.kv_channels": .null].merging(changes) { $1 })
    let spelling = NativeSpelling(.current)
    let field = try #require(spelling.path(ofName: refused))
    let found = Set([field]).withFollowers(in: config).subtracting([field])
    #expect(found.map { spelling.name(of: $0) }.sorted() == followers)
  }

  @Test(arguments: [
    (width: "0", codes: ["FIELD-04"]), (width: "11264", codes: ["DIM-05"]), (width: "11265", codes: []),
  ])
  func aRefusedWidthIsTheOneError(width: String, codes: [String]) {
    let text = """
      extends: moonlight_16b_pretrain_config
      cluster: {num_nodes: 1, gpus_per_node: 3}
      train: {global_batch_size: 3}
      model: {ffn_hidden_size: \(width), moe_ffn_hidden_size: null, num_moe_experts: 66}
      parallelism:
        tensor_model_parallel_size: 1
        sequence_parallel: false
        expert_model_parallel_size: 1
        expert_tensor_parallel_size: 3
      """
    let loader = ConfigLoader(recipes: RecipeBook.shipped, release: .current) { _ in [] }
    let loaded = loader.load(DocumentReader.read(text: text, name: "config.yaml"), path: "config.yaml")
    let errors = Validator.errors(loaded, RunFacts(loaded.resolution.config), withFixes: false)
    #expect(errors.map(\.code.rawValue).filter { $0 != "MEM-01" } == codes)
  }
}
