/// Where the fp32 weights stand that Adam steps on.
///
/// Source: megatron-core 0.16.1, 0.18.2 and 0.19.2 `optimizer/optimizer_config.py`, `__post_init__`
/// (`use_precision_aware_optimizer_no_fp8_or_ds_fp8`); megatron-bridge 0.3.1, 0.5.1 and 0.6.2
/// `training/mixed_precision.py`, `setup`, which writes its `fp8_recipe` over the optimizer's, fp8 or not.
public enum MasterWeights: Sendable {
  /// In the optimizer's kernel, beside its moments, of the precision-aware optimizer's formats.
  case inKernel
  /// Apart, in fp32, as without the precision-aware optimizer; gradients are copied to fp32 for each step.
  case apart

  public init(_ config: borrowing LaunchConfig) {
    let optimizer = config.optimizer
    guard optimizer.usePrecisionAwareOptimizer else {
      self = .apart
      return
    }
    let recipe =
      config.mixedPrecision.isPresent
      ? config.mixedPrecision.fp8Recipe : optimizer.storage.value(named: "fp8_recipe").flatMap { String($0.value) }
    let isInKernel =
      optimizer.mainParamsDtype != .fp32 || recipe == nil || recipe == "delayed" || optimizer.optimizerCPUOffload
    self = isInKernel ? .inKernel : .apart
  }
}
