import Diagnostics
import LaunchModel

/// # PEFT-21: adapters on whole matrices mix tokens under sequence parallelism
///
/// ## What
/// `linear_kv_down_proj`, `linear_q_down_proj` and the router are whole on every tensor rank, and with `sequence_parallel`
/// each rank puts its own part of the sequence through them. Their adapters are split all the same: rank r computes its
/// rows of `A` for its own tokens, and the results of different tokens are then joined as if they were one token's.
///
/// ## Why
/// The adapter adds to each token what belongs to others, TP - 1 of TP parts. Nothing fails; the loss is worse.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 2, sequence_parallel: true}
/// peft: {target_modules: [linear_q_proj, linear_kv_down_proj]}
/// ```
///
/// ## Fix
/// `tensor_model_parallel_size: 1`, or without these targets.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `peft/utils.py`, `get_adapter_attributes_from_linear` (a `TELinear` is not parallel and
///   gets no sequence-parallel communication) and `ParallelLinearAdapter` (`linear_in` splits its rows).
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: the same in megatron-bridge 0.6.2.
enum WholeMatricesUnderSequenceParallelism: Rule {
  static let code: DiagnosticCode = "PEFT-21"
  static let title = "adapters on whole matrices mix tokens under sequence parallelism"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    // DoRA has an error of its own for them.
    guard run.sizes.tensor > 1, peft.isPresent, run.config.parallelism.sequenceParallel, peft.peftScheme != .dora,
      run.start == nil
    else { return }
    var names: [String] = []
    for match in run.adapterSelection where match.module.kind == .duplicated || match.module.kind == .router {
      if !names.contains(match.module.name) { names.append(match.module.name) }
    }
    guard !names.isEmpty else { return }
    let rest = peft.targetModules.filter { !names.contains($0) }
    let canLeaveOut = !rest.isEmpty && peft.targetModules.count - rest.count == names.count
    let tensor = run.sizes.tensor
    report.warning(
      at: Path.peft.targetModules,
      """
      \(names.map { "`\($0)`" }.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") whole on each of the TP \
      \(tensor) ranks, which hold different tokens under sequence parallelism; the adapter is split over them, so \
      \(tensor - 1) of \(tensor) parts of what it adds to a token come from other tokens
      """,
      help: "with TP 1, or without \(names.count == 1 ? "it" : "them")",
      related: [
        (Path.parallelism.tensorModelParallelSize, "TP \(tensor)"), (Path.parallelism.sequenceParallel, "on"),
      ], fix: canLeaveOut ? .unsafe("leave it out", (Path.peft.targetModules, rest.configValue)) : nil)
  }
}
