import Diagnostics
import LaunchModel

/// # GPU-15: process groups are made at once
///
/// ## What
/// `dist.lazy_init` stays off.
///
/// ## Why
/// It leaves the process groups to the caller, and Megatron-Bridge's own loop asks for them right after.
///
/// ## Example
/// ```yaml
/// dist: {lazy_init: true}
/// ```
///
/// ## Fix
/// Switch it off.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/initialize.py`, `torch_dist_init`; `training/setup.py`.
enum GroupsAreMadeAtOnce: Rule {
  static let code: DiagnosticCode = "GPU-15"
  static let title = "process groups are made at once"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let path = FieldPath("dist", "lazy_init")
    guard run.config.dist.carried(path.field) == .bool(true) else { return }
    report.error(
      at: path, "nobody makes the process groups that `lazy_init` leaves out", help: "switch it off",
      fix: .unsafe("switch it off", (path, false)))
  }
}
