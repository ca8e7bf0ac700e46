import Diagnostics
import LaunchModel

/// # MOE-30: the allgather dispatcher wants sequences of one length
///
/// ## What
/// `variable_seq_lengths` excludes `moe_token_dispatcher_type: allgather`, which is Megatron's default; also in a dense
/// model.
///
/// ## Why
/// It gathers equally many tokens from every GPU.
///
/// ## Example
/// ```yaml
/// model: {variable_seq_lengths: true, moe_token_dispatcher_type: allgather}
/// ```
///
/// ## Fix
/// Use `alltoall`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum AllGatherNeedsFixedLengths: Rule {
  static let code: DiagnosticCode = "MOE-30"
  static let title = "the allgather dispatcher wants sequences of one length"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard model.variableSeqLengths, model.moeTokenDispatcherType == .allgather else { return }
    report.error(
      at: Path.model.moeTokenDispatcherType,
      "the allgather dispatcher gathers equally many tokens from every GPU, but variable_seq_lengths is on",
      help: "use alltoall", related: [(Path.model.variableSeqLengths, "on")],
      fix: .unsafe("use alltoall", (Path.model.moeTokenDispatcherType, "alltoall")))
  }
}
