import Diagnostics
import LaunchModel

/// # SEQ-02: experts with tensor parallelism need sequence parallelism
///
/// ## What
/// A model with MoE layers and `tensor_model_parallel_size` above 1 must have `sequence_parallel` on, with any expert
/// parallelism.
///
/// ## Why
/// Without it every GPU of the tensor-parallel group would route all tokens. Megatron warns at start-up, and refuses in
/// the first forward pass of an MoE layer.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2, sequence_parallel: false}
/// ```
///
/// ## Fix
/// Turn it on.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/moe_layer.py`, `MoELayer.forward`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertsWithTensorParallelNeedSequenceParallel: Rule {
  static let code: DiagnosticCode = "SEQ-02"
  static let title = "experts with tensor parallelism need sequence parallelism"
  static let errorsDependOn: PlanAspects = .tensor

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.tensor > 1, run.hasMoELayer, !run.config.parallelism.sequenceParallel else { return }
    report.error(
      at: Path.parallelism.sequenceParallel,
      """
      MoE layers with TP \(run.sizes.tensor) need sequence_parallel: the first forward pass of one refuses to train \
      without
      """,
      help: "turn it on",
      related: [
        (Path.parallelism.tensorModelParallelSize, "TP \(run.sizes.tensor)"),
        (Path.model.numMoEExperts, "\(run.architecture.numMoEExperts) experts"),
      ],
      fix: .safe("turn it on", (Path.parallelism.sequenceParallel, true)))
  }
}
