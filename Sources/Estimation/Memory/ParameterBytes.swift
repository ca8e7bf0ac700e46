package import LaunchModel

/// Bytes that one parameter costs: some on every replica, some spread over them.
package struct ParameterBytes: Hashable, Sendable {
  package var weights: Double
  package var gradients: Double
  package var master: Double
  package var states: Double
  /// Whether master weights and optimizer states are spread over data-parallel replicas.
  package var isSharded: Bool

  /// How the config stores a trained parameter.
  ///
  /// - Parameter isMuonMatrix: whether Muon, which has one state, trains it rather than AdamW, which has two.
  package init(_ config: borrowing LaunchConfig, isMuonMatrix: Bool) {
    let optimizer = config.optimizer
    let weight = config.mixedPrecision.bf16 || config.mixedPrecision.fp16 ? 2.0 : 4.0
    let precisionAware = optimizer.usePrecisionAwareOptimizer
    weights = weight
    isSharded =
      optimizer.useDistributedOptimizer || config.ddp.useDistributedOptimizer
      || optimizer.optimizer == .distributedMuon
    if precisionAware {
      gradients = Double(optimizer.mainGradsDtype.size)
      // With remainders kept, the master is the bf16 weight and the low half beside it.
      let keepsRemainders = optimizer.storeParamRemainders && weight == 2 && optimizer.mainParamsDtype == .fp32
      master = keepsRemainders ? 2 : Double(optimizer.mainParamsDtype.size)
    } else {
      gradients = weight == 4 || config.mixedPrecision.gradReduceInFP32 ? 4 : weight
      master = weight == 4 ? 0 : 4
    }
    switch optimizer.optimizer {
    case .adam:
      states =
        precisionAware ? Double(optimizer.expAvgDtype.size + optimizer.expAvgSqDtype.size) : 8
    case .muon, .distributedMuon: states = isMuonMatrix ? 4 : 8
    case .sgd: states = 4
    }
  }
}
