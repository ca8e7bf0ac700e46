import Diagnostics
import Foundation
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Testing

@testable import Validation

/// Recipes of models without multi-latent attention, as Megatron-Bridge writes them (`Tests/Reference/family_dumps.py`).
@Suite("ConfigContainers of other model families")
struct OtherFamilyTests {
  private static let files: [URL] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/families")
    let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.allObjects as? [URL] ?? []
    return found.filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
  }()

  private func found(_ file: URL, _ set: [String] = []) throws -> [Diagnostic] {
    let text = try Data(contentsOf: file)
    let loader = ConfigLoader(recipes: RecipeBook.shipped) { _ in Array(text) }
    let loaded = try loader.load(file.lastPathComponent, overrides: Overrides(set))
    let (likely, run) = Validator.onLikelyGPUs(loaded)
    return Validator.diagnostics(likely, run)
  }

  @Test("They have no errors, and one note says what is not checked", arguments: files)
  func accepted(file: URL) throws {
    let found = try found(file)
    #expect(found.filter { $0.severity != .note }.map(\.message) == [])
    #expect(found.count { $0.message.hasPrefix("a model of another family") } == 1)
  }

  @Test(
    "A class that no release has is told of, and a slip of the container's own name is one",
    arguments: [
      (
        "megatron.bridge.training.config.ConfigContainer", "megatron.bridge.models.glm.GLM45AirModelProvider355B",
        "no release that is known here has a class `GLM45AirModelProvider355B`"
      ),
      (
        "megatron.bridge.training.config.ConfigContainer", "megatron.bridge.models.qwen.Qwen3ModelProvider", nil
      ),
      (
        "megatron.bridge.training.config.ConfigContainr", "megatron.bridge.models.mla_provider.MLAModelProvider",
        "there is no class `megatron.bridge.training.config.ConfigContainr`"
      ),
    ])
  func classNames(container: String, model: String, expected: String?) throws {
    let text = "_target_: \(container)\nmodel:\n  _target_: \(model)\n  num_layers: 2\n"
    let loaded = try ConfigLoader(recipes: RecipeBook.shipped) { _ in Array(text.utf8) }.load("run_config.yaml")
    let (likely, run) = Validator.onLikelyGPUs(loaded)
    let found = Validator.diagnostics(likely, run).filter { $0.code == "BRIDGE-01" }
    #expect(found.map(\.message) == (expected.map { [$0] } ?? []))
  }

  @Test(
    "What is no matter of the family is checked", arguments: files,
    [
      ("parallelism.tensor_model_parallel_size=3", "DIM-"), ("train.global_batch_size=7", "BATCH-"),
      ("scheduler.lr_warmup_iters=-1", "FIELD-"), ("checkpoint.ckpt_step=3", "CKPT-"),
      ("optimizer.min_lr=1.0", "OPT-"),
    ])
  func refused(file: URL, change: (set: String, family: String)) throws {
    let gpus = ["cluster.num_nodes=1", "cluster.gpus_per_node=6"]
    let more = change.family == "CKPT-" ? ["checkpoint.load=null"] : []
    let errors = try found(file, gpus + more + [change.set]).filter { $0.severity == .error }
    #expect(errors.contains { "\($0.code)".hasPrefix(change.family) }, "\(errors.map { "\($0.code) \($0.message)" })")
  }
}
