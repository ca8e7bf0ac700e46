import ConfigDocument
import Diagnostics
import LaunchModel

/// # TRAIN-08: weights are initialised
///
/// ## What
/// With `perform_initialization: false` the weights are what the memory holds, unless a checkpoint is loaded into them.
///
/// ## Why
/// The switch is for the start of a run that loads everything, or for a benchmark. Pretraining from the start would begin with
/// arbitrary numbers, not those of `init_method_std`.
///
/// ## Example
/// ```yaml
/// recipe: {mode: pretrain}
/// model: {perform_initialization: false}
/// ```
///
/// ## Fix
/// Leave it true.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `tensor_parallel/layers.py`; `extensions/transformer_engine.py`,
///   `condition_init_method`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum WeightsAreInitialised: Rule {
  static let code: DiagnosticCode = "TRAIN-08"
  static let title = "weights are initialised"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (model, checkpoint) = (run.config.model, run.config.checkpoint)
    guard model.carried("perform_initialization") == .bool(false), checkpoint.pretrainedCheckpoint == nil,
      run.saved == nil
    else { return }
    let path = FieldPath("model", "perform_initialization")
    report.warning(
      at: path, "the weights begin as what the memory holds: nothing initialises them, and no checkpoint is named",
      help: "leave it true", related: [(Path.checkpoint.pretrainedCheckpoint, "null")],
      fix: .unsafe("leave it true", (path, .bool(true))))
  }
}
