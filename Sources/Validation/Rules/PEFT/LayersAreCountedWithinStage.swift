import Diagnostics
import LaunchModel

/// # PEFT-09: layers are counted within a stage
///
/// ## What
/// With pipeline parallelism Megatron numbers the layers of each stage from 0, so a target such as `*.layers.0.*` means the
/// first layer of every stage.
///
/// ## Why
/// Adapters are made stage by stage, before anybody counts through the model. The CPU engine counts through the model.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 2}
/// peft: {target_modules: ["*.layers.0.*.linear_proj"]}
/// ```
///
/// ## Fix
/// Target by kind of module, or train adapters without pipeline parallelism.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/walk_utils.py`; megatron-core 0.16.1 `transformer/transformer_block.py`.
/// - 0.5.1: megatron-bridge 0.5.1 and megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-bridge 0.6.2 and megatron-core 0.19.2, the same.
enum LayersAreCountedWithinStage: Rule {
  static let code: DiagnosticCode = "PEFT-09"
  static let title = "layers are counted within a stage"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, run.sizes.pipeline > 1 else { return }
    let numbered = (peft.targetModules + peft.excludeModules).first { target in
      guard let first = target.bytes(behind: "layers.")?.first else { return false }
      return UInt8(ascii: "0") <= first && first <= UInt8(ascii: "9")
    }
    guard let numbered else { return }
    report.warning(
      at: peft.targetModules.contains(numbered) ? Path.peft.targetModules : Path.peft.excludeModules,
      "`\(numbered)` means that layer of each of the \(run.sizes.pipeline) stages: Megatron counts layers within a stage",
      related: [(Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)")])
  }
}
