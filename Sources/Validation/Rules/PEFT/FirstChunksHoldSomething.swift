import Diagnostics
import LaunchModel

/// # PEFT-17: every first chunk holds something
///
/// ## What
/// With adapters, the first model chunk of each pipeline rank must hold a layer, the embedding or the head.
///
/// ## Why
/// Megatron-Bridge prints the share of weights that are trained, and divides by the number of weights of the first chunk.
/// Without adapters an empty stage is fine.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4, pipeline_model_parallel_layout: "E|t*14||t*13L"}
/// peft: {peft_scheme: lora}
/// ```
///
/// ## Fix
/// A layout without empty stages.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/setup.py`, `_apply_peft_transformation`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum FirstChunksHoldSomething: Rule {
  static let code: DiagnosticCode = "PEFT-17"
  static let title = "every first chunk holds something"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.peft.isPresent, run.sizes.pipeline > 1, let map = run.stages else { return }
    guard
      let empty = map.stages.prefix(map.pipeline).first(where: {
        $0.numLayers == 0 && $0.mtp == 0 && !$0.embedding && !$0.loss
      })
    else { return }
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout,
      "with adapters no rank's first chunk may be empty, but that of rank \(empty.pp) of PP \(map.pipeline) is",
      help: "Megatron-Bridge divides by the number of its weights",
      related: [
        (Path.parallelism.pipelineModelParallelSize, "PP \(map.pipeline)"),
        (Path.model.numLayers, "\(run.architecture.numLayers) layers"),
        (Path.peft.whole, "adapters"),
      ])
  }
}
