import Diagnostics
import LaunchModel
import Releases

/// # MOE-37: one number of SMs for the flex dispatcher
///
/// ## What
/// `moe_deepep_num_sms` and `moe_hybridep_num_sms` must not differ, unless `moe_flex_dispatcher_num_sms` is set, which
/// stands for both, whatever they are.
///
/// ## Why
/// The two are one setting now, and Megatron-Core does not choose. A config of 0.3.1 holds both, as 20 and 16.
///
/// ## Example
/// ```yaml
/// model: {moe_deepep_num_sms: 20, moe_hybridep_num_sms: 16}
/// ```
///
/// ## Fix
/// Write `moe_flex_dispatcher_num_sms` alone.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `transformer/transformer_config.py`, `__post_init__`.
enum OneNumberOfSMs: Rule {
  static let code: DiagnosticCode = "MOE-37"
  static let title = "one number of SMs for the flex dispatcher"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty else { return }
    let names = ["moe_deepep_num_sms", "moe_hybridep_num_sms"].map { FieldPath("model", $0) }
    let shared = FieldPath("model", "moe_flex_dispatcher_num_sms")
    if let number = model.integer(shared.field) {
      for old in names where model.isSet(old.field) && model.integer(old.field) != number {
        report.note(
          at: old, "`\(name: old)` has no effect: `\(name: shared)` \(number) stands for it",
          related: [(shared, "\(number)")],
          fix: .safe("remove it", (old, nil)))
      }
      return
    }
    guard case .int(let deepEP)? = model.carried(names[0].field),
      case .int(let hybridEP)? = model.carried(names[1].field), deepEP != hybridEP
    else { return }
    let chosen = model.carried("moe_flex_dispatcher_backend") == "hybridep" ? hybridEP : deepEP
    report.error(
      at: names[0], "`\(name: names[0])` \(deepEP) and `\(name: names[1])` \(hybridEP) are one setting, and differ",
      help: "`\(name: shared)` stands for both", related: [(names[1], "\(hybridEP)")],
      fix: .unsafe(
        "write `\(name: shared)`", (names[0], nil), (names[1], nil), (shared, .int(chosen))))
  }
}
