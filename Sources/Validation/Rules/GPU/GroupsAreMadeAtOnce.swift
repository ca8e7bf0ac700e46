import Diagnostics
import LaunchModel

/// # GPU-15: process groups are made at once
///
/// ## What
/// `dist.lazy_init`, called `lazy_mpu_init` since 0.5.1, stays off.
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
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum GroupsAreMadeAtOnce: Rule {
  static let code: DiagnosticCode = "GPU-15"
  static let title = "process groups are made at once"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let path = FieldPath("dist", "lazy_mpu_init")
    guard run.config.dist.isOn(path.field) else { return }
    report.error(
      at: path, "nobody makes the process groups that `\(name: path)` leaves out", help: "switch it off",
      fix: .unsafe("switch it off", (path, false)))
  }
}
