import Diagnostics
import LaunchModel

/// # MTP-05: the width divides by TP with MTP layers
///
/// ## What
/// With MTP layers `hidden_size` must be a multiple of TP.
///
/// ## Why
/// An MTP layer first projects a token's state and embedding to `hidden_size` numbers, which are split over tensor ranks.
///
/// ## Example
/// ```yaml
/// model: {hidden_size: 1000, mtp_num_layers: 1}
/// parallelism: {tensor_model_parallel_size: 3}
/// ```
///
/// ## Fix
/// A TP that divides it.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer/multi_token_prediction.py`, `eh_proj`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MTPProjectionDivides: Rule {
  static let code: DiagnosticCode = "MTP-05"
  static let title = "the width divides by TP with MTP layers"
  static let errorsDependOn: PlanAspects = [.tensor]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (hidden, tensor) = (run.architecture.hiddenSize, run.sizes.tensor)
    guard run.architecture.mtpNumLayers > 0, hidden > 0, tensor > 1, hidden % tensor != 0 else { return }
    report.error(
      at: Path.model.hiddenSize,
      """
      an MTP layer's projection is split over tensor ranks, but hidden_size \(hidden) / TP \(tensor) = \
      \(Help.quotient(hidden, tensor))
      """, help: "\(ParallelSize.tensor.divisorHelp(of: hidden, "it", run))",
      related: [
        (Path.parallelism.tensorModelParallelSize, "TP \(tensor)"),
        (Path.model.mtpNumLayers, "\(Help.count(run.architecture.mtpNumLayers, "MTP layer"))"),
      ])
  }
}
