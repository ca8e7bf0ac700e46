import Diagnostics
import LaunchModel

/// # PEFT-18: mode and adapters agree
///
/// ## What
/// `recipe.mode: peft` needs a `peft` section, and `pretrain` excludes one. With `sft` and a `peft` section only the
/// adapters are trained.
///
/// ## Why
/// The mode says what is trained: everything from random weights, everything from a checkpoint, or adapters. Where the two
/// disagree, one of them is not what was meant.
///
/// ## Example
/// ```yaml
/// recipe: {mode: peft}
/// peft: null
/// ```
///
/// ## Fix
/// Change the one that is not meant.
///
/// ## Source
/// This package: the trainer refuses the first two.
enum ModeAndAdaptersAgree: Rule {
  static let code: DiagnosticCode = "PEFT-18"
  static let title = "mode and adapters agree"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    switch (run.config.recipe.mode, run.config.peft.isPresent) {
    case (.pretrain, false), (.sft, false), (.peft, true): return
    case (.peft, false):
      report.error(
        at: Path.recipe.mode, "the mode is `peft`, but there is no `peft` section: which adapters?",
        help: "`sft` trains all weights", related: [(Path.peft.whole, "null")],
        fix: .unsafe("train all weights", (Path.recipe.mode, .string("sft"))))
    case (.pretrain, true):
      report.error(
        at: Path.recipe.mode, "the mode is `pretrain`, but a `peft` section asks for adapters on frozen weights",
        help: "`peft` trains adapters", related: [(Path.peft.whole, "adapters")],
        fix: .unsafe("train adapters", (Path.recipe.mode, .string("peft"))))
    case (.sft, true):
      report.warning(
        at: Path.recipe.mode, "the mode is `sft`, but with a `peft` section only the adapters are trained",
        related: [(Path.peft.whole, "adapters")], fix: .unsafe("say so", (Path.recipe.mode, .string("peft"))))
    }
  }
}
