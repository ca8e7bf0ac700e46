import Diagnostics
import LaunchModel
import Releases

/// # SEQ-01: sequence parallelism needs tensor parallelism
///
/// ## What
/// `sequence_parallel` needs `tensor_model_parallel_size` above 1.
///
/// ## Why
/// It spreads norms and dropout over the GPUs of the tensor-parallel group. Megatron-LM's command line turns it off
/// without a word; Megatron-Bridge refuses it.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 1, sequence_parallel: true}
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `model_parallel_config.py`, `__post_init__`.
enum SequenceParallelNeedsTensorParallel: Rule {
  static let code: DiagnosticCode = "SEQ-01"
  static let title = "sequence parallelism needs tensor parallelism"
  static let errorsDependOn: PlanAspects = .tensor
  static let releases = ReleaseSet.until(.bridge031)

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.parallelism.sequenceParallel, run.sizes.tensor <= 1 else { return }
    report.error(
      at: Path.parallelism.sequenceParallel,
      "sequence_parallel spreads work over the tensor-parallel group, but TP is 1",
      help: "turn it off", related: [(Path.parallelism.tensorModelParallelSize, "TP 1")],
      fix: .safe("turn it off", (Path.parallelism.sequenceParallel, false)))
  }
}
