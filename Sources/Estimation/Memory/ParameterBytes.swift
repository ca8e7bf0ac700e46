package import LaunchModel

/// Bytes that one parameter costs: some on every replica, some spread over them, some in host memory.
package struct ParameterBytes: Hashable, Sendable {
  package var weights: Double
  package var gradients: Double
  package var master: Double
  package var states: Double
  /// A copy of the gradient in the optimizer's format, from the end of the backward pass to the next step.
  package var gradientCopy: Double
  /// Tensors of optimizer states.
  package var numStates: Double
  /// What is spread over data-parallel replicas.
  package var sharding: StateSharding
  /// The share of parameters whose master weights and optimizer states are in host memory.
  package var offloadedShare: Double
  /// Bytes in host memory of a parameter that is offloaded.
  package var host: Double

  /// How the config stores a trained parameter.
  ///
  /// - Parameter isMuonMatrix: whether Muon, which has one state, trains it rather than AdamW, which has two.
  package init(_ config: borrowing LaunchConfig, isMuonMatrix: Bool) {
    let optimizer = config.optimizer
    let weight = config.mixedPrecision.bf16 || config.mixedPrecision.fp16 ? 2.0 : 4.0
    let precisionAware = optimizer.usePrecisionAwareOptimizer
    let masters = MasterWeights(config)
    weights = weight
    sharding = StateSharding(config)
    if precisionAware {
      gradients = Double(optimizer.mainGradsDtype.size)
      // With remainders kept, the master is the bf16 weight and the low half beside it. Megatron-FSDP keeps whole ones.
      let keepsRemainders =
        optimizer.storeParamRemainders && weight == 2 && optimizer.mainParamsDtype == .fp32
        && !config.usesMegatronFSDP
      master = masters == .inKernel && keepsRemainders ? 2 : Double(optimizer.mainParamsDtype.size)
    } else {
      gradients = weight == 4 || config.mixedPrecision.gradReduceInFP32 ? 4 : weight
      master = weight == 4 ? 0 : 4
    }
    // Masters in fp32 step on gradients in fp32 (`optimizer/distrib_optimizer.py`, `_copy_model_grads_to_main_grads`).
    gradientCopy = masters == .apart && gradients < 4 && !config.usesMegatronFSDP ? 4 : 0
    switch optimizer.optimizer {
    case .adam:
      states =
        precisionAware ? Double(optimizer.expAvgDtype.size + optimizer.expAvgSqDtype.size) : 8
      numStates = 2
    case .muon, .distributedMuon: (states, numStates) = isMuonMatrix ? (4, 1) : (8, 2)
    // A second moment beside the momentum, as for what is no matrix.
    case .adaptiveMuon, .distributedAdaptiveMuon: (states, numStates) = (8, 2)
    // Of a matrix also its preconditioners, which are not counted (MUON-02 says so).
    case .soap, .distributedSOAP: (states, numStates) = (8, 2)
    case .sgd, .lion, .distributedLion: (states, numStates) = (4, 1)
    }
    offloadedShare = optimizer.optimizerCPUOffload ? min(max(optimizer.optimizerOffloadFraction, 0), 1) : 0
    // A copy of the weights, of their gradients, and Adam's two states, all of them in fp32 (megatron-core 0.16.1,
    // `optimizer/cpu_offloading/hybrid_optimizer.py`).
    host = 16
  }
}

/// What data-parallel replicas share instead of each having it whole.
package enum StateSharding: Int, Hashable, Sendable, Comparable {
  case nothing
  /// Master weights and optimizer states.
  case optimizer
  case optimizerAndGradients
  case everything

  package init(_ config: borrowing LaunchConfig) {
    guard config.usesMegatronFSDP else {
      let isDistributed =
        config.optimizer.useDistributedOptimizer || config.ddp.useDistributedOptimizer
        || config.optimizer.isLayerWise
      self = isDistributed ? .optimizer : .nothing
      return
    }
    self =
      switch config.ddp.dataParallelShardingStrategy {
      case .noShard: .nothing
      case .optim: .optimizer
      case .optimGrads: .optimizerAndGradients
      case .optimGradsParams: .everything
      }
  }

  package static func < (left: StateSharding, right: StateSharding) -> Bool { left.rawValue < right.rawValue }
}
