import ConfigDocument
import Diagnostics
import LaunchModel

/// # OPT-07: one switch of the distributed optimizer sets the other
///
/// ## What
/// Where one of `optimizer.use_distributed_optimizer` and `ddp.use_distributed_optimizer` is on, Megatron-Bridge sets both.
///
/// ## Why
/// The value written at the other place has no effect. And `comm_overlap` has looked at `ddp`'s switch before: with only
/// the optimizer's set, gradients are not reduced while the backward pass goes on.
///
/// ## Example
/// ```yaml
/// optimizer: {use_distributed_optimizer: true}
/// ddp: {use_distributed_optimizer: false}
/// ```
///
/// ## Fix
/// Set both alike.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/config.py`, `_validate_and_sync_distributed_optimizer_settings`.
enum DistributedOptimizerSwitches: Rule {
  static let code: DiagnosticCode = "OPT-07"
  static let title = "one switch of the distributed optimizer sets the other"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let own = run.config.optimizer.useDistributedOptimizer
    guard own != run.config.ddp.useDistributedOptimizer else { return }
    // What cannot be distributed at all, or must be switched on at one place, has rules of its own.
    guard run.config.optimizer.optimizer == .adam, own || !run.config.optimizer.usePrecisionAwareOptimizer else {
      return
    }
    let (off, on) =
      own
      ? (Path.ddp.useDistributedOptimizer, Path.optimizer.useDistributedOptimizer)
      : (Path.optimizer.useDistributedOptimizer, Path.ddp.useDistributedOptimizer)
    let losesOverlap = own && run.config.commOverlap.isPresent && !run.config.ddp.overlapGradReduce
    report.note(
      at: off, "`\(off)` is off and `\(on)` on: Megatron-Bridge sets both",
      help: losesOverlap
        ? "`comm_overlap` looks at `ddp` before that, so gradients are not reduced during the backward pass" : nil,
      related: [(on, "on")], fix: .safe("set it here as well", (off, .bool(true))))
  }
}

/// # OPT-08: the distributed optimizer is Adam
///
/// ## What
/// `sgd` excludes `use_distributed_optimizer`, in `optimizer` and in `ddp`.
///
/// ## Why
/// Megatron's distributed optimizer knows the states of Adam only.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: sgd, use_distributed_optimizer: true}
/// ```
///
/// ## Fix
/// Switch it off at both places.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/distrib_optimizer.py`.
enum DistributedOptimizerIsAdam: Rule {
  static let code: DiagnosticCode = "OPT-08"
  static let title = "the distributed optimizer is Adam"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.config.optimizer.optimizer == .sgd, run.overlap.effective.useDistributedOptimizer else { return }
    // The precision-aware optimizer is the first thing that is refused.
    guard !run.config.optimizer.usePrecisionAwareOptimizer else { return }
    DistributedSwitch.refuse(run, "the distributed optimizer keeps the states of Adam; this run has `sgd`", &report)
  }
}

/// Both switches of the distributed optimizer, as one thing to switch off.
enum DistributedSwitch {
  static func refuse(_ run: RunFacts, _ message: String, help: String? = nil, _ report: inout Report) {
    let switches = [
      (Path.optimizer.useDistributedOptimizer, run.config.optimizer.useDistributedOptimizer),
      (Path.ddp.useDistributedOptimizer, run.config.ddp.useDistributedOptimizer),
    ].filter(\.1).map(\.0)
    guard let first = switches.first else { return }
    report.error(
      at: first, message, help: help,
      related: switches.dropFirst().map { ($0, "on as well") } + [
        (Path.optimizer.optimizer, "`\(run.config.optimizer.optimizer.rawValue)`")
      ],
      fix: FieldFix(
        title: "switch it off", applicability: .unsafe, changes: switches.map { (path: $0, value: .bool(false)) }))
  }
}

/// # OPT-10: offloaded states need decoupled weight decay
///
/// ## What
/// `optimizer_cpu_offload` needs `decoupled_weight_decay`.
///
/// ## Why
/// Megatron's hybrid optimizer is AdamW.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer_cpu_offload: true, decoupled_weight_decay: false}
/// ```
///
/// ## Fix
/// Decouple the weight decay.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/__init__.py`.
enum OffloadDecouplesDecay: Rule {
  static let code: DiagnosticCode = "OPT-10"
  static let title = "offloaded states need decoupled weight decay"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizerCPUOffload, !optimizer.decoupledWeightDecay else { return }
    report.error(
      at: Path.optimizer.decoupledWeightDecay, "states in host memory need decoupled weight decay",
      related: [(Path.optimizer.optimizerCPUOffload, "on")],
      fix: .unsafe("decouple it", (Path.optimizer.decoupledWeightDecay, .bool(true))))
  }
}

/// # OPT-14: offloaded shards hold 16-bit weights
///
/// ## What
/// `optimizer_cpu_offload` with the distributed optimizer needs weights in bf16 or fp16. Muon does not look at it.
///
/// ## Why
/// The hybrid optimizer is made of the shards of the weights. Those of 16-bit weights are copies in fp32; those of fp32
/// weights are views, which PyTorch's optimizers refuse.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer_cpu_offload: true, use_distributed_optimizer: true}
/// mixed_precision: {fp32: true}
/// ```
///
/// ## Fix
/// Train in bf16, or switch the offload off.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/distrib_optimizer.py`, `__init__`; `optimizer/cpu_offloading/hybrid_optimizer.py`.
enum OffloadShardsHalfPrecision: Rule {
  static let code: DiagnosticCode = "OPT-14"
  static let title = "offloaded shards hold 16-bit weights"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (optimizer, mixed) = (run.config.optimizer, run.config.mixedPrecision)
    guard optimizer.optimizerCPUOffload, !optimizer.optimizer.isMuon, !run.precision.bf16, !run.precision.fp16 else {
      return
    }
    guard optimizer.useDistributedOptimizer || run.config.ddp.useDistributedOptimizer else { return }
    let own = FieldPath("model", "params_dtype")
    let (path, format) =
      mixed.isPresent
      ? (Path.mixedPrecision.paramsDtype, mixed.paramsDtype?.rawValue)
      : (own, run.config.model.carried(own.field).flatMap { String($0) })
    guard format ?? DataType.fp32.rawValue == DataType.fp32.rawValue else { return }
    report.error(
      at: Path.optimizer.optimizerCPUOffload,
      "the distributed optimizer moves shards of bf16 or fp16 weights to host memory, but the weights are fp32",
      help: "train in bf16, or switch it off",
      related: [(path, format ?? "fp32 by default"), (Path.optimizer.useDistributedOptimizer, "in shards")],
      fix: .unsafe("switch it off", (Path.optimizer.optimizerCPUOffload, .bool(false))))
  }
}

/// # OPT-13: the early gather of the first chunk needs a second one
///
/// ## What
/// `overlap_param_gather_with_optimizer_step`, of `comm_overlap` where that is applied, of `optimizer` elsewhere, needs at
/// least two model chunks on a rank: a virtual pipeline. Muon does not look at it.
///
/// ## Why
/// The weights of the first chunk are gathered while the optimizer works on the others.
///
/// ## Example
/// ```yaml
/// comm_overlap: {overlap_param_gather_with_optimizer_step: true}   # PP 1
/// ```
///
/// ## Fix
/// Switch it off.
///
/// ## Source
/// megatron-core 0.16.1 `optimizer/__init__.py`, `get_megatron_optimizer`.
enum EarlyGatherNeedsChunks: Rule {
  static let code: DiagnosticCode = "OPT-13"
  static let title = "the early gather of the first chunk needs a second one"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let byOverlap = run.overlap.effective.replacesDDP
    let name = "overlap_param_gather_with_optimizer_step"
    let isOn = (byOverlap ? run.config.commOverlap.carried(name) : run.config.optimizer.carried(name)) == .bool(true)
    // Muon's optimizer is made elsewhere, and does not look at it.
    guard isOn, !run.config.optimizer.optimizer.isMuon, run.sizes.pipeline == 1 || (run.virtualPipelineSize ?? 1) < 2
    else { return }
    let path = FieldPath(byOverlap ? "comm_overlap" : "optimizer", name)
    report.error(
      at: path, "the weights of the first model chunk are to be gathered early, but each rank holds one chunk",
      related: [
        (Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)"),
        (Path.parallelism.virtualPipelineModelParallelSize, run.virtualPipelineSize.map { "\($0)" } ?? "null"),
      ], fix: .unsafe("switch it off", (path, .bool(false))))
  }
}
