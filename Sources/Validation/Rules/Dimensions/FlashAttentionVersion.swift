import Diagnostics
import LaunchModel
import Releases

/// # DIM-17: the version of FlashAttention is 2, 3 or 4
///
/// ## What
/// `flash_attention_version` is null, 2, 3 or 4.
///
/// ## Why
/// These are the ones that Transformer Engine can be told to take.
///
/// ## Example
/// ```yaml
/// model: {flash_attention_version: 1}
/// ```
///
/// ## Fix
/// Remove it: what is installed is taken.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `transformer/transformer_config.py`, `__post_init__`.
enum FlashAttentionVersion: Rule {
  static let code: DiagnosticCode = "DIM-17"
  static let title = "the version of FlashAttention is 2, 3 or 4"
  static let errorsDependOn: PlanAspects = []
  static let releases = ReleaseSet.since(.bridge062)

  static let path = FieldPath("model", "flash_attention_version")

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    guard !model.storage.carried.isEmpty, let version = model.integer(path.field), !(2...4).contains(version) else {
      return
    }
    report.error(
      at: path, "there is no FlashAttention \(version) to choose", help: "2, 3 or 4; null takes what is installed",
      fix: .unsafe("take what is installed", (path, nil)))
  }
}
