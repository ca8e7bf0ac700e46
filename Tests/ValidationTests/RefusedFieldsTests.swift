import ConfigDocument
import LaunchModel
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
}
