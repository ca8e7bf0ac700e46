package import LaunchModel

/// Where a run keeps weights, gradients and optimizer states.
package enum StatePlacement: Hashable, Sendable {
  /// As the base says.
  case asWritten
  /// Master weights and optimizer states in host memory, all of them.
  case offloaded
  /// Shared by the data-parallel replicas through Megatron-FSDP.
  case sharded(ShardingStrategy)

  /// All that Megatron-FSDP can share.
  package static let allSharded: [StatePlacement] = [.optim, .optimGrads, .optimGradsParams].map { .sharded($0) }

  /// `as written`, `offloaded`, or the strategy: `optim_grads_params`.
  package var name: String {
    switch self {
    case .asWritten: "as written"
    case .offloaded: "offloaded"
    case .sharded(let strategy): strategy.rawValue
    }
  }

  /// The config with it, and with what Megatron asks of one that has it.
  package func apply(to config: inout LaunchConfig) {
    switch self {
    case .asWritten: break
    case .offloaded:
      config.optimizer.optimizerCPUOffload = true
      config.optimizer.optimizerOffloadFraction = 1
      config.optimizer.usePrecisionAwareOptimizer = true
    case .sharded(let strategy):
      config.ddp.useMegatronFSDP = true
      config.ddp.dataParallelShardingStrategy = strategy
      config.ddp.useDistributedOptimizer = true
      config.optimizer.useDistributedOptimizer = true
      config.ddp.averageInCollective = false
      config.model.gradientAccumulationFusion = false
      config.checkpoint.ckptFormat = .fsdpDTensor
    }
  }
}
