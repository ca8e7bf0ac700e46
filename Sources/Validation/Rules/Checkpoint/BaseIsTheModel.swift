import Diagnostics
import LaunchModel

/// # CKPT-09: the base is the model
///
/// ## What
/// The model section and the `config.json` of `checkpoint.pretrained_checkpoint` must describe the same model, field by
/// field.
///
/// ## Why
/// Weights of another shape cannot be loaded, and weights of the same shape compute something else under another epsilon,
/// rotary base or routing. `moonlight validate` looks at no checkpoint, which may be on another machine; the trainer does,
/// before it starts.
///
/// ## Example
/// ```yaml
/// model: {rotary_base: 10000}
/// checkpoint: {pretrained_checkpoint: Moonlight-16B-A3B}   # rope_theta 50000
/// ```
///
/// ## Fix
/// `moonlight generate finetune --hf-config DIR` takes the model section from the checkpoint.
///
/// ## Source
/// This package: the trainer refuses the difference.
enum BaseIsTheModel: Rule {
  static let code: DiagnosticCode = "CKPT-09"
  static let title = "the base is the model"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    for difference in run.start?.baseDifferences ?? [] {
      report.error(
        at: difference.path, difference.message,
        help: "`moonlight import-hf` writes the model section of a checkpoint")
    }
  }
}
