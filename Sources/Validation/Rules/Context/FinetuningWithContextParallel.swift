import ConfigDocument
import Diagnostics
import LaunchModel

/// # CP-02: finetuning with context parallelism averages the loss over tokens
///
/// ## What
/// With a finetuning dataset (`kind: sft`) and `context_parallel_size` above 1, `calculate_per_token_loss` must be on
/// and `ddp.average_in_collective` off.
///
/// ## Why
/// A GPU whose part of the sequence has no token with a loss would divide by zero.
///
/// ## Example
/// ```yaml
/// dataset: {kind: sft}
/// parallelism: {context_parallel_size: 2}
/// ```
///
/// ## Fix
/// Set both.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum FinetuningWithContextParallel: Rule {
  static let code: DiagnosticCode = "CP-02"
  static let title = "finetuning with context parallelism averages the loss over tokens"
  static let errorsDependOn: PlanAspects = .context

  static func check(_ run: RunFacts, _ report: inout Report) {
    let config = run.config
    guard run.sizes.context > 1, config.dataset.kind == .sft else { return }
    let perToken = config.model.calculatePerTokenLoss
    let averages = run.averagesInCollective
    guard !perToken || averages else { return }
    let switches: [Message] =
      (perToken ? [] : ["\(name: Path.model.calculatePerTokenLoss) on"])
      + (averages ? ["\(Path.ddp.averageInCollective) off"] : [])
    let wanted = switches.joined(separator: " and ")
    let both: [(path: FieldPath, value: ConfigValue?)] =
      (perToken ? [] : [(Path.model.calculatePerTokenLoss, ConfigValue.bool(true))])
      + (averages ? [(Path.ddp.averageInCollective, ConfigValue.bool(false))] : [])
    let average: [RelatedField] = averages && !perToken ? [(Path.ddp.averageInCollective, "on" as Message)] : []
    report.error(
      at: perToken ? Path.ddp.averageInCollective : Path.model.calculatePerTokenLoss,
      """
      finetuning with CP \(run.sizes.context) needs \(wanted): a GPU's part of a sequence may have no token with a \
      loss
      """,
      help: "set \(wanted)",
      related: [
        (Path.parallelism.contextParallelSize, "CP \(run.sizes.context)"), (Path.dataset.kind, "finetuning data"),
      ] + average,
      fix: FieldFix(title: "set \(wanted)", applicability: .unsafe, changes: both))
  }
}
