import Diagnostics
import LaunchModel

/// # PREC-05: loss scales can scale
///
/// ## What
/// `loss_scale`, if it is given and not 0, is above 0. Without one, fp16 scales by itself: `min_loss_scale`,
/// `loss_scale_window` and `hysteresis` are above 0, and `initial_loss_scale` is at least `min_loss_scale`.
///
/// ## Why
/// Megatron checks them when it makes the optimizer, bf16 or not. Where Muon's layers are divided over the replicas it makes
/// none that scales, and reads none of them.
///
/// ## Example
/// ```yaml
/// mixed_precision: {bf16: true, loss_scale: -1.0}
/// ```
///
/// ## Fix
/// Remove the field.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `optimizer/__init__.py`; `optimizer/grad_scaler.py`; `optimizer/muon.py` (takes bf16 off for
///   the layers' Adam).
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same; `optimizer/__init__.py`, `skip_megatron_wrapping`.
enum LossScales: Rule {
  static let code: DiagnosticCode = "PREC-05"
  static let title = "loss scales can scale"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (mixed, optimizer) = (run.config.mixedPrecision, run.config.optimizer)
    let section = mixed.isPresent ? "mixed_precision" : "optimizer"
    let storage = mixed.isPresent ? mixed.storage : optimizer.storage
    let isFP16 = mixed.isPresent ? mixed.fp16 : optimizer.carried("fp16") == .bool(true)
    let isBF16 = mixed.isPresent ? mixed.bf16 : optimizer.carried("bf16") == .bool(true)
    guard isFP16 || isBF16 || run.overlap.effective.useDistributedOptimizer, !storage.carried.isEmpty,
      !optimizer.isLayerWise
    else { return }
    func value(_ name: String, _ byDefault: Double) -> Double {
      storage.value(named: name).flatMap { Double($0.value) } ?? byDefault
    }
    func refuse(_ name: String, _ problem: Message) {
      let path = FieldPath(section, name)
      report.error(
        at: path, "`\(name: path)` \(problem)", help: "remove it", fix: .unsafe("remove it", (path, nil)))
    }
    let scale = value("loss_scale", 0)
    if scale < 0 { refuse("loss_scale", "is \(scale), but scales are above 0") }
    guard scale == 0, isFP16 else { return }
    for (name, byDefault) in [("min_loss_scale", 1.0), ("loss_scale_window", 1000), ("hysteresis", 2)] {
      let number = value(name, byDefault)
      if number <= 0 { refuse(name, "is \(number), but must be above 0") }
    }
    let (initial, least) = (value("initial_loss_scale", 4_294_967_296), value("min_loss_scale", 1))
    if least > 0, initial < least {
      refuse("initial_loss_scale", "is \(initial), below `min_loss_scale` \(least)")
    }
  }
}
