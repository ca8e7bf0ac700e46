import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

/// Two configs have the same fingerprint where they mean the same.
@Suite struct FingerprintTests {
  private func fingerprint(_ text: String) -> String { ConfigText(text).load().resolution.config.fingerprint }

  private static let plain = """
    extends: moonlight_16b_pretrain_config
    cluster: {num_nodes: 4}
    parallelism: {pipeline_model_parallel_size: 4, pipeline_model_parallel_layout: "Et*8|t*7|t*7|t*5L"}
    dataset: {data_paths: [a, b]}

    """

  @Test(arguments: [
    // A default written out, of a field of ours and of one that is carried.
    "ddp: {bucket_size: null}", "logger: {wandb_save_dir: null}",
    // A derived value written out.
    "dataset: {seq_length: 4096}",
    // Other words for the same.
    "optimizer: {clip_grad: 1}", "parallelism: {pipeline_model_parallel_layout: 'Etttttttt|t*7|t*7|t*5L'}",
    "dataset: {data_paths: [{path: a}, {path: b, weight: null}]}",
  ])
  func isTheSame(change: String) {
    #expect(Self.merged(change) == fingerprint(Self.plain), "\(change)")
  }

  @Test(arguments: [
    "optimizer: {lr: 0.25}", "peft: {}", "logger: {wandb_save_dir: there}", "env_vars: {NAME: value}",
    "parallelism: {pipeline_model_parallel_layout: 'Et*7|t*7|t*7|t*6L'}", "dataset: {data_paths: [b, a]}",
  ])
  func isAnother(change: String) {
    #expect(Self.merged(change) != fingerprint(Self.plain), "\(change)")
  }

  @Test func theOrderOfEnvironmentVariablesSaysNothing() {
    #expect(Self.merged("env_vars: {A: x, B: y}") == Self.merged("env_vars: {B: y, A: x}"))
  }

  /// A file that overrides the plain config.
  private static func merged(_ change: String) -> String {
    ConfigText("extends: plain.yaml\n" + change, files: ["plain.yaml": plain]).load().resolution.config.fingerprint
  }
}
