import Diagnostics
import LaunchModel

/// # DIM-05: the width of routed experts divides by the expert tensor size
///
/// ## What
/// `moe_ffn_hidden_size` (null: that of dense layers) must be a multiple of `expert_tensor_parallel_size`, which is TP
/// where it is null.
///
/// ## Why
/// Each expert's matrices are cut into ETP equal parts; TP itself does not matter.
///
/// ## Example
/// ```yaml
/// model: {moe_ffn_hidden_size: 1409}
/// parallelism: {expert_tensor_parallel_size: 2}
/// ```
///
/// ## Fix
/// Keep experts whole with `expert_tensor_parallel_size: 1`, or take another width.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `extensions/transformer_engine.py`, `TEGroupedLinear`.
enum ExpertWidthDividesByExpertTensorSize: Rule {
  static let code: DiagnosticCode = "DIM-05"
  static let title = "the width of routed experts divides by the expert tensor size"
  static let errorsDependOn: PlanAspects = .expertTensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (width, parts) = (run.architecture.moeFFNHiddenSize, run.sizes.expertTensor)
    guard run.hasMoELayer, width % parts != 0 else { return }
    report.error(
      at: Path.model.moeFFNHiddenSize,
      """
      moe_ffn_hidden_size \(width) / ETP \(parts) = \(Help.quotient(width, parts)), but each expert is cut into equal \
      parts
      """,
      help: "\(ParallelSize.expertTensor.divisorHelp(of: width, "it", run))",
      related: [
        run.config.parallelism.expertTensorParallelSize == nil
          ? (Path.parallelism.tensorModelParallelSize, "expert_tensor_parallel_size is null, so it is TP \(parts)")
          : (Path.parallelism.expertTensorParallelSize, "ETP \(parts)")
      ])
  }
}
