import Diagnostics
import LaunchModel
import Releases

/// # DIM-16: the norm that is fused with the residual is RMSNorm
///
/// ## What
/// `fused_residual_rmsnorm` needs `normalization: RMSNorm`.
///
/// ## Why
/// The kernel is written for it.
///
/// ## Example
/// ```yaml
/// model: {fused_residual_rmsnorm: true, normalization: LayerNorm}
/// ```
///
/// ## Fix
/// Turn it off.
///
/// ## Source
/// - 0.5.1: megatron-core 0.18.2 `transformer/transformer_config.py`, `__post_init__`.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FusedResidualNorm: Rule {
  static let code: DiagnosticCode = "DIM-16"
  static let title = "the norm that is fused with the residual is RMSNorm"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge051)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    let path = FieldPath("model", "fused_residual_rmsnorm")
    guard !model.storage.carried.isEmpty, model.isOn(path.field), model.normalization != .rmsNorm else { return }
    report.error(
      at: path, "the norm fused with the residual is RMSNorm, but normalization is \(model.normalization.rawValue)",
      help: "turn it off", related: [(Path.model.normalization, "\(model.normalization.rawValue)")],
      fix: .unsafe("turn it off", (path, false)))
  }
}
