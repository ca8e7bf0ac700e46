import Diagnostics
import LaunchModel

/// # PEFT-01: adapters have a model to adapt
///
/// ## What
/// With a `peft` section `checkpoint.pretrained_checkpoint` must be given.
///
/// ## Why
/// The base weights are frozen. They have to come from somewhere.
///
/// ## Example
/// ```yaml
/// peft: {peft_scheme: lora}
/// checkpoint: {pretrained_checkpoint: null}
/// ```
///
/// ## Fix
/// Name the directory of a checkpoint: Megatron's on a cluster, Hugging Face's or one of ours for the CPU engine.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum AdaptersHaveBase: Rule {
  static let code: DiagnosticCode = "PEFT-01"
  static let title = "adapters have a model to adapt"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.peft.isPresent, run.config.checkpoint.pretrainedCheckpoint == nil else { return }
    report.error(
      at: Path.checkpoint.pretrainedCheckpoint,
      "adapters need the weights they adapt: `pretrained_checkpoint` is not given",
      help: "on the command line: `--pretrained-checkpoint DIR`", related: [(Path.peft.whole, "adapters")])
  }
}
