import Diagnostics
import LaunchModel

/// # CP-04: a per-token loss is not averaged in the collective
///
/// ## What
/// `calculate_per_token_loss` needs `ddp.average_in_collective: false`, with any context parallelism.
///
/// ## Why
/// The gradients are divided by the number of tokens, so the collective must add them up. Nothing looks at start-up but
/// the wrapping of the model.
///
/// ## Example
/// ```yaml
/// model: {calculate_per_token_loss: true}
/// ddp: {average_in_collective: true}
/// ```
///
/// ## Fix
/// Turn `average_in_collective` off.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `distributed/distributed_data_parallel.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum PerTokenLossIsNotAveraged: Rule {
  static let code: DiagnosticCode = "CP-04"
  static let title = "a per-token loss is not averaged in the collective"
  static let errorsDependOn: PlanAspects = .context

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.model.calculatePerTokenLoss, run.averagesInCollective else { return }
    // Finetuning with context parallelism is CP-02's.
    guard run.sizes.context == 1 || run.config.dataset.kind != .sft else { return }
    report.error(
      at: Path.ddp.averageInCollective,
      "calculate_per_token_loss divides by the number of tokens, so average_in_collective must be off",
      help: "turn it off", related: [(Path.model.calculatePerTokenLoss, "on")],
      fix: .unsafe("turn it off", (Path.ddp.averageInCollective, false)))
  }
}
