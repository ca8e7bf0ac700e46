import Diagnostics
import LaunchModel
import Releases

/// # SEQ-05: sequence parallelism without tensor parallelism is switched off
///
/// ## What
/// `sequence_parallel` with `tensor_model_parallel_size: 1` is switched off when the run starts.
///
/// ## Why
/// It spreads norms and dropout over the GPUs of the tensor-parallel group, and there is one. The run is the same.
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
/// - 0.5.1: megatron-bridge 0.5.1, `models/transformer_config.py`, `finalize`.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum SequenceParallelIsSwitchedOff: Rule {
  static let code: DiagnosticCode = "SEQ-05"
  static let title = "sequence parallelism without tensor parallelism is switched off"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.parallelism.sequenceParallel, run.sizes.tensor <= 1 else { return }
    report.note(
      at: Path.parallelism.sequenceParallel,
      "with TP 1 there is no group to spread sequences over, and Megatron-Bridge switches sequence_parallel off",
      help: "turn it off", related: [(Path.parallelism.tensorModelParallelSize, "TP 1")],
      fix: .safe("turn it off", (Path.parallelism.sequenceParallel, false)))
  }
}
