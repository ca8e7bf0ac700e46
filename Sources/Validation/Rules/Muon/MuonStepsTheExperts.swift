import Diagnostics
import LaunchModel
import Releases

/// # MUON-16: Muon steps the experts
///
/// ## What
/// With `moe_single_grouped_weight` the weights of a rank's experts are one tensor of three dimensions. Muon takes matrices alone, so Adam
/// steps the experts.
///
/// ## Why
/// Nearly all parameters of a mixture of experts are the experts'. They would be trained by another optimizer than the one that is
/// written, at a learning rate that was chosen for Muon's updates.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: muon}
/// model: {moe_single_grouped_weight: true, use_transformer_engine_op_fuser: true}
/// ```
///
/// ## Fix
/// `moe_single_grouped_weight: false`.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `optimizer/emerging_optimizers.py`, `_is_nonlinear_or_embedding`; Transformer Engine 2.17
///   `pytorch/tensor/grouped_tensor.py`, `GroupedTensor.__new__`.
enum MuonStepsTheExperts: Rule {
  static let code: DiagnosticCode = "MUON-16"
  static let title = "Muon steps the experts"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  private static let whole = FieldPath("model", "moe_single_grouped_weight")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizer.isMuon, run.hasMoELayer, run.config.model.isOn(whole.field) else { return }
    report.warning(
      at: whole,
      "the experts' weights are one tensor of three dimensions: Adam steps them, and not Muon, which takes matrices",
      help: "leave it out", related: [(Path.optimizer.optimizer, "`\(optimizer.optimizer.rawValue)`")],
      fix: .unsafe("leave it out", (whole, .bool(false))))
  }
}
