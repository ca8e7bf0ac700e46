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
