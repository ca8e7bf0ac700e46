import Diagnostics
import LaunchModel

/// # TRAIN-04: the seed is above 0
///
/// ## What
/// `rng.seed` must be a positive number.
///
/// ## Why
/// Megatron asserts it after the process groups are up.
///
/// ## Example
/// ```yaml
/// rng: {seed: 0}
/// ```
///
/// ## Fix
/// Any number from 1 on.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/initialize.py`, `_set_random_seed`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum SeedIsPositive: Rule {
  static let code: DiagnosticCode = "TRAIN-04"
  static let title = "the seed is above 0"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let seed = run.config.rng.seed
    guard seed <= 0 else { return }
    report.error(
      at: Path.rng.seed, "the seed is \(seed); Megatron wants one above 0",
      fix: .unsafe("make it 1234", (Path.rng.seed, .int(1234))))
  }
}
