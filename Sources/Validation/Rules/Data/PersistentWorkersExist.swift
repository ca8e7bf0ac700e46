import Diagnostics
import LaunchModel
import Releases

/// # DATA-09: workers that stay need workers
///
/// ## What
/// `persistent_workers` needs `num_workers` above 0.
///
/// ## Why
/// PyTorch's DataLoader refuses it otherwise.
///
/// ## Example
/// ```yaml
/// dataset: {num_workers: 0, persistent_workers: true}
/// ```
///
/// ## Fix
/// Switch `persistent_workers` off.
///
/// ## Source
/// - 0.3.1: torch `utils/data/dataloader.py`; megatron-bridge 0.3.1 `data/samplers.py`.
enum PersistentWorkersExist: Rule {
  static let code: DiagnosticCode = "DATA-09"
  static let title = "workers that stay need workers"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.until(.bridge031)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let dataset = run.config.dataset
    guard dataset.numWorkers == 0, dataset.carried("persistent_workers") == .bool(true) else { return }
    let path = FieldPath("dataset", "persistent_workers")
    report.error(
      at: path, "workers are to stay between epochs, but `num_workers` is 0",
      related: [(Path.dataset.numWorkers, "0")], fix: .unsafe("switch it off", (path, .bool(false))))
  }
}
