import ConfigDocument
import Diagnostics
import LaunchModel

/// # OPT-01: only Adam is precision-aware
///
/// ## What
/// `use_precision_aware_optimizer` needs `optimizer: adam`.
///
/// ## Why
/// Only Transformer Engine's FusedAdam keeps its states in other formats.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: sgd, use_precision_aware_optimizer: true}
/// ```
///
/// ## Fix
/// Switch it off, and set the four formats back to fp32. For Muon see MUON-05.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
enum OnlyAdamIsPrecisionAware: Rule {
  static let code: DiagnosticCode = "OPT-01"
  static let title = "only Adam is precision-aware"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizer == .sgd, optimizer.usePrecisionAwareOptimizer else { return }
    report.error(
      at: Path.optimizer.usePrecisionAwareOptimizer, "the precision-aware optimizer is Adam; this run has `sgd`",
      help: "switched off, the formats of gradients, masters and moments must be fp32",
      related: [(Path.optimizer.optimizer, "`sgd`")],
      fix: PlainFormats.fix)
  }
}

/// # OPT-02: the precision-aware optimizer is a distributed one
///
/// ## What
/// `use_precision_aware_optimizer` needs `optimizer.use_distributed_optimizer`, written there: `ddp`'s switch of the same
/// name does not count.
///
/// ## Why
/// Megatron-Bridge copies the switch from `ddp` to `optimizer`, but only after the optimizer has been checked.
///
/// ## Example
/// ```yaml
/// optimizer: {use_precision_aware_optimizer: true}
/// ddp: {use_distributed_optimizer: true}
/// ```
///
/// ## Fix
/// Set `optimizer.use_distributed_optimizer`.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`; megatron-bridge 0.3.1 `training/config.py`.
enum PrecisionAwareIsDistributed: Rule {
  static let code: DiagnosticCode = "OPT-02"
  static let title = "the precision-aware optimizer is a distributed one"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.usePrecisionAwareOptimizer, !optimizer.useDistributedOptimizer, optimizer.optimizer == .adam
    else { return }
    let isMeant = run.config.ddp.useDistributedOptimizer
    let change = (Path.optimizer.useDistributedOptimizer, ConfigValue.bool(true) as ConfigValue?)
    report.error(
      at: Path.optimizer.useDistributedOptimizer,
      isMeant
        ? "the precision-aware optimizer needs `use_distributed_optimizer` here; `ddp`'s is copied only after this is checked"
        : "the precision-aware optimizer needs `use_distributed_optimizer`",
      related: [
        (Path.optimizer.usePrecisionAwareOptimizer, "on"),
        (Path.ddp.useDistributedOptimizer, isMeant ? "on" : "off as well"),
      ],
      fix: isMeant ? .safe("set it", change) : .unsafe("set it", change))
  }
}

/// # OPT-04: a plain optimizer keeps everything in fp32
///
/// ## What
/// Without `use_precision_aware_optimizer`, `main_grads_dtype`, `main_params_dtype`, `exp_avg_dtype` and
/// `exp_avg_sq_dtype` must be fp32.
///
/// ## Why
/// Only the precision-aware optimizer reads them; Megatron refuses formats that would have no effect.
///
/// ## Example
/// ```yaml
/// optimizer: {use_precision_aware_optimizer: false, exp_avg_dtype: bf16}
/// ```
///
/// ## Fix
/// Set them back, or switch the precision-aware optimizer on.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/optimizer_config.py`, `__post_init__`.
enum PlainOptimizerIsFP32: Rule {
  static let code: DiagnosticCode = "OPT-04"
  static let title = "a plain optimizer keeps everything in fp32"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard !optimizer.usePrecisionAwareOptimizer else { return }
    guard
      optimizer.mainGradsDtype != .fp32 || optimizer.mainParamsDtype != .fp32 || optimizer.expAvgDtype != .fp32
        || optimizer.expAvgSqDtype != .fp32
    else { return }
    let formats: [(FieldPath, String)] = [
      (Path.optimizer.mainGradsDtype, optimizer.mainGradsDtype.rawValue),
      (Path.optimizer.mainParamsDtype, optimizer.mainParamsDtype.rawValue),
      (Path.optimizer.expAvgDtype, optimizer.expAvgDtype.rawValue),
      (Path.optimizer.expAvgSqDtype, optimizer.expAvgSqDtype.rawValue),
    ].filter { $0.1 != DataType.fp32.rawValue }
    let names = formats.map { "`\($0.0.field)` is \($0.1)" }.joined(separator: ", ")
    report.error(
      at: formats[0].0, "\(names); without the precision-aware optimizer only fp32 is accepted",
      help: "fp32 for all four, or `use_precision_aware_optimizer: true`",
      related: Array(formats.dropFirst()) + [
        (Path.optimizer.usePrecisionAwareOptimizer, "off")
      ],
      fix: FieldFix(
        title: "make them fp32", applicability: .unsafe, changes: formats.map { (path: $0.0, value: .string("fp32")) }))
  }
}

/// # OPT-05: master weights are fp32 or fp16
///
/// ## What
/// With the precision-aware optimizer `main_params_dtype` is fp32 or fp16, not bf16.
///
/// ## Why
/// Transformer Engine's FusedAdam has no bf16 masters: next to bf16 weights they would hold nothing more.
///
/// ## Example
/// ```yaml
/// optimizer: {use_precision_aware_optimizer: true, main_params_dtype: bf16}
/// ```
///
/// ## Fix
/// fp32; `store_param_remainders` keeps it to two bytes beside a bf16 weight.
///
/// ## Source
/// Transformer Engine 2.11 `pytorch/optimizers/fused_adam.py`.
enum MasterWeightFormat: Rule {
  static let code: DiagnosticCode = "OPT-05"
  static let title = "master weights are fp32 or fp16"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.usePrecisionAwareOptimizer, optimizer.mainParamsDtype == .bf16, !optimizer.optimizerCPUOffload
    else { return }
    report.error(
      at: Path.optimizer.mainParamsDtype, "master weights in bf16: FusedAdam knows fp32 and fp16",
      related: [(Path.optimizer.usePrecisionAwareOptimizer, "on")],
      fix: .unsafe("make them fp32", (Path.optimizer.mainParamsDtype, .string("fp32"))))
  }
}

/// # OPT-06: optimizer and model agree on the number format
///
/// ## What
/// Without a `mixed_precision` section, and with the precision-aware optimizer, `optimizer.bf16` and `optimizer.fp16`
/// must say what `model.bf16` and `model.fp16` say.
///
/// ## Why
/// With the section, it overwrites both sides. Without, Megatron-Bridge compares them.
///
/// ## Example
/// ```yaml
/// mixed_precision: null
/// model: {bf16: true}
/// optimizer: {use_precision_aware_optimizer: true, bf16: false}
/// ```
///
/// ## Fix
/// Give a `mixed_precision` section.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `_validate_mixed_precision_consistency`.
enum OptimizerFormatIsModels: Rule {
  static let code: DiagnosticCode = "OPT-06"
  static let title = "optimizer and model agree on the number format"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard !run.config.mixedPrecision.isPresent, run.config.optimizer.usePrecisionAwareOptimizer else { return }
    let (model, optimizer) = (run.config.model, run.config.optimizer)
    func differs(_ name: String, _ isModels: Bool, _ path: FieldPath) -> Bool {
      let isOptimizers = optimizer.carried(name) == .bool(true)
      guard isModels ? !isOptimizers : isOptimizers && !model.bf16 && !model.fp16 else { return false }
      report.error(
        at: FieldPath("optimizer", name),
        "`optimizer.\(name)` is \(isOptimizers), but `model.\(name)` is \(isModels); with the precision-aware optimizer they must agree",
        related: [(path, "\(isModels)")],
        fix: .unsafe("make it \(isModels)", (FieldPath("optimizer", name), .bool(isModels))))
      return true
    }
    if !differs("bf16", model.bf16, Path.model.bf16) { _ = differs("fp16", model.fp16, Path.model.fp16) }
  }
}

/// Switches the precision-aware optimizer off, with the formats that only it reads.
enum PlainFormats {
  static var fix: FieldFix {
    let formats = [
      Path.optimizer.mainGradsDtype, Path.optimizer.mainParamsDtype, Path.optimizer.expAvgDtype,
      Path.optimizer.expAvgSqDtype,
    ]
    return FieldFix(
      title: "switch it off", applicability: .unsafe,
      changes: [(path: Path.optimizer.usePrecisionAwareOptimizer, value: .bool(false))]
        + formats.map { (path: $0, value: .string("fp32")) })
  }
}
