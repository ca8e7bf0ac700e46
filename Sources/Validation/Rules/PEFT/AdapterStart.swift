import ConfigDocument
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
/// megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
enum AdaptersHaveBase: Rule {
  static let code: DiagnosticCode = "PEFT-01"
  static let title = "adapters have a model to adapt"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.peft.isPresent, run.config.checkpoint.pretrainedCheckpoint == nil else { return }
    report.error(
      at: Path.checkpoint.pretrainedCheckpoint,
      "adapters need the weights they adapt: `pretrained_checkpoint` is not given",
      help: "on the command line: `--pretrained-checkpoint DIR`", related: [(Path.peft.whole, "adapters")])
  }
}

/// # PEFT-03: finetuning starts from weights
///
/// ## What
/// `recipe.mode` `sft` needs `checkpoint.pretrained_checkpoint` or `checkpoint.load`. With `load` alone the run starts from
/// random weights unless that directory holds a checkpoint.
///
/// ## Why
/// Megatron-Bridge's finetuning refuses to begin with neither. `load` is derived from the run's directory, which is empty
/// at first.
///
/// ## Example
/// ```yaml
/// recipe: {mode: sft}
/// checkpoint: {pretrained_checkpoint: null}
/// ```
///
/// ## Fix
/// Name the checkpoint to start from.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/finetune.py`, `finetune`.
enum FinetuningStartsFromWeights: Rule {
  static let code: DiagnosticCode = "PEFT-03"
  static let title = "finetuning starts from weights"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let checkpoint = run.config.checkpoint
    guard checkpoint.pretrainedCheckpoint == nil, run.config.recipe.mode != .pretrain, !run.config.peft.isPresent
    else { return }
    let related = [(Path.recipe.mode, run.config.recipe.mode.rawValue)]
    guard let load = checkpoint.load else {
      report.error(
        at: Path.checkpoint.pretrainedCheckpoint,
        "finetuning needs weights: neither `pretrained_checkpoint` nor `load` is given",
        related: related + [(Path.checkpoint.load, "null")])
      return
    }
    guard !checkpoint.isWritten(\.load) else { return }
    report.warning(
      at: Path.checkpoint.pretrainedCheckpoint,
      "`pretrained_checkpoint` is not given: unless `\(load)` holds a checkpoint, finetuning starts from random weights",
      help: "on the command line: `--pretrained-checkpoint DIR`", related: related)
  }
}

/// # PEFT-17: every first chunk holds something
///
/// ## What
/// With adapters, the first model chunk of each pipeline rank must hold a layer, the embedding or the head.
///
/// ## Why
/// Megatron-Bridge prints the share of weights that are trained, and divides by the number of weights of the first chunk.
/// Without adapters an empty stage is fine.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4, pipeline_model_parallel_layout: "E|t*14||t*13L"}
/// peft: {peft_scheme: lora}
/// ```
///
/// ## Fix
/// A layout without empty stages.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/setup.py`, `_apply_peft_transformation`.
enum FirstChunksHoldSomething: Rule {
  static let code: DiagnosticCode = "PEFT-17"
  static let title = "every first chunk holds something"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.peft.isPresent, run.sizes.pipeline > 1, let map = run.stages else { return }
    guard
      let empty = map.stages.prefix(map.pipeline).first(where: {
        $0.numLayers == 0 && $0.mtp == 0 && !$0.embedding && !$0.loss
      })
    else { return }
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout,
      "with adapters no rank's first chunk may be empty, but that of rank \(empty.pp) of PP \(map.pipeline) is",
      help: "Megatron-Bridge divides by the number of its weights",
      related: [
        (Path.parallelism.pipelineModelParallelSize, "PP \(map.pipeline)"),
        (Path.model.numLayers, "\(run.architecture.numLayers) layers"),
        (Path.peft.whole, "adapters"),
      ])
  }
}

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

/// # PEFT-04: DoRA drops out before the adapter
///
/// ## What
/// `peft_scheme: dora` needs `dropout_position: pre`.
///
/// ## Why
/// DoRA scales the sum of base and adapter, so a dropout behind the adapter has no place in it.
///
/// ## Example
/// ```yaml
/// peft: {peft_scheme: dora, dropout_position: post}
/// ```
///
/// ## Fix
/// `dropout_position: pre`.
///
/// ## Source
/// megatron-bridge 0.3.1 `peft/dora.py`, `__post_init__`.
enum DoRADropsOutBefore: Rule {
  static let code: DiagnosticCode = "PEFT-04"
  static let title = "DoRA drops out before the adapter"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, peft.peftScheme == .dora, peft.dropoutPosition == .post else { return }
    report.error(
      at: Path.peft.dropoutPosition, "DoRA supports dropout before the adapter only",
      related: [(Path.peft.peftScheme, "dora")],
      fix: peft.dropout == 0
        ? .safe("make it `pre`; there is no dropout", (Path.peft.dropoutPosition, .string("pre")))
        : .unsafe("make it `pre`", (Path.peft.dropoutPosition, .string("pre"))))
  }
}

/// # PEFT-08: targets are named or excluded
///
/// ## What
/// `target_modules` and `exclude_modules` must not both hold entries.
///
/// ## Why
/// One says which modules get an adapter, the other which linears get none.
///
/// ## Example
/// ```yaml
/// peft: {target_modules: [linear_proj], exclude_modules: [linear_fc1]}
/// ```
///
/// ## Fix
/// For "all but", set `target_modules: []`.
///
/// ## Source
/// megatron-bridge 0.3.1 `peft/module_matcher.py`, `match`.
enum TargetsAreNamedOrExcluded: Rule {
  static let code: DiagnosticCode = "PEFT-08"
  static let title = "targets are named or excluded"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let peft = run.config.peft
    guard peft.isPresent, !peft.excludeModules.isEmpty, !peft.targetModules.isEmpty else { return }
    report.error(
      at: Path.peft.excludeModules, "modules are both targeted and excluded; Megatron-Bridge takes one list",
      help: "with `target_modules: []` every linear but the excluded gets an adapter",
      related: [(Path.peft.targetModules, "the other list")],
      fix: .unsafe("keep the targets", (Path.peft.excludeModules, .list([]))))
  }
}
