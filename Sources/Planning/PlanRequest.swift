package import Estimation
package import LaunchModel

/// What to search: a config whose parallel layout is open, on so many GPUs.
package struct PlanRequest: Sendable {
  /// Everything but the parallel sizes, the micro batch and recomputation.
  package var base: LaunchConfig
  package var worldSize: Int
  package var gpusPerNode: Int
  package var gpuMemoryGiB: Double
  package var assumptions: Assumptions
  /// Micro batches to try.
  package var microBatchSizes: [Int]

  package init(
    base: LaunchConfig, worldSize: Int, gpusPerNode: Int = 8, gpuMemoryGiB: Double = 80,
    assumptions: Assumptions = Assumptions(), microBatchSizes: [Int] = [1, 2, 4, 8]
  ) {
    self.base = base
    self.worldSize = worldSize
    self.gpusPerNode = gpusPerNode
    self.gpuMemoryGiB = gpuMemoryGiB
    self.assumptions = assumptions
    self.microBatchSizes = microBatchSizes
  }
}

/// One way to spread the run.
package struct PlanChoice: Hashable, Sendable {
  package var tensor = 1
  package var pipeline = 1
  package var virtualPipeline: Int?
  package var context = 1
  package var expert = 1
  package var expertTensor = 1
  package var microBatchSize = 1
  package var recompute = RecomputeChoice.none

  package init(
    tensor: Int = 1, pipeline: Int = 1, virtualPipeline: Int? = nil, context: Int = 1, expert: Int = 1,
    expertTensor: Int = 1, microBatchSize: Int = 1, recompute: RecomputeChoice = .none
  ) {
    self.tensor = tensor
    self.pipeline = pipeline
    self.virtualPipeline = virtualPipeline
    self.context = context
    self.expert = expert
    self.expertTensor = expertTensor
    self.microBatchSize = microBatchSize
    self.recompute = recompute
  }

  /// What a config itself has chosen.
  init(_ config: LaunchConfig) {
    let parallelism = config.parallelism
    self.init(
      tensor: parallelism.tensorModelParallelSize, pipeline: parallelism.pipelineModelParallelSize,
      virtualPipeline: parallelism.virtualPipelineModelParallelSize, context: parallelism.contextParallelSize,
      expert: parallelism.expertModelParallelSize,
      expertTensor: parallelism.expertTensorParallelSize ?? parallelism.tensorModelParallelSize,
      microBatchSize: config.train.microBatchSize ?? 1, recompute: RecomputeChoice(config))
  }

  /// `TP 2 PP 4 VP 2 CP 1 EP 8 ETP 1 micro 1 core_attn`
  package var description: String {
    "TP \(tensor) PP \(pipeline)" + (virtualPipeline.map { " VP \($0)" } ?? "")
      + " CP \(context) EP \(expert) ETP \(expertTensor) micro \(microBatchSize) \(recompute.rawValue)"
  }

  /// The base with this choice; its layout is for the caller to set.
  func config(_ request: PlanRequest) -> LaunchConfig {
    var config = request.base
    config.cluster.gpusPerNode = min(request.gpusPerNode, request.worldSize)
    config.cluster.numNodes = max(request.worldSize / max(config.cluster.gpusPerNode, 1), 1)
    config.cluster.gpuMemoryGiB = request.gpuMemoryGiB
    config.parallelism.tensorModelParallelSize = tensor
    config.parallelism.sequenceParallel = tensor > 1
    config.parallelism.pipelineModelParallelSize = pipeline
    config.parallelism.virtualPipelineModelParallelSize = virtualPipeline
    config.parallelism.contextParallelSize = context
    config.parallelism.expertModelParallelSize = expert
    config.parallelism.expertTensorParallelSize = expertTensor
    config.parallelism.numLayersInFirstPipelineStage = nil
    config.parallelism.numLayersInLastPipelineStage = nil
    config.parallelism.accountForEmbeddingInPipelineSplit = false
    config.parallelism.accountForLossInPipelineSplit = false
    config.parallelism.pipelineModelParallelLayout = .none
    config.train.microBatchSize = microBatchSize
    recompute.apply(to: &config)
    return config
  }
}

/// The recomputation settings worth trying, from none to all.
package enum RecomputeChoice: String, Hashable, Sendable, CaseIterable {
  case none
  case coreAttention = "core_attn"
  case cheap = "layernorm+moe_act"
  case moe
  case full

  /// The choice nearest to what a config says.
  init(_ config: LaunchConfig) {
    switch config.recompute.recomputeGranularity {
    case nil: self = .none
    case .full: self = .full
    case .selective:
      let modules = Set(config.recompute.recomputeModules ?? [.coreAttention])
      self = modules.contains(.moe) ? .moe : modules == [.coreAttention] ? .coreAttention : .cheap
    }
  }

  func apply(to config: inout LaunchConfig) {
    config.recompute.recomputeMethod = self == .full ? .uniform : nil
    config.recompute.recomputeNumLayers = self == .full ? 1 : nil
    switch self {
    case .none:
      config.recompute.recomputeGranularity = nil
      config.recompute.recomputeModules = nil
    case .coreAttention: select(&config, [.coreAttention])
    case .cheap: select(&config, [.layerNorm, .moeActivation])
    case .moe: select(&config, [.moe])
    case .full:
      config.recompute.recomputeGranularity = .full
      config.recompute.recomputeModules = nil
    }
  }

  private func select(_ config: inout LaunchConfig, _ modules: [RecomputeModule]) {
    config.recompute.recomputeGranularity = .selective
    config.recompute.recomputeModules = modules
  }

  /// The share of the forward pass that runs a second time.
  func repeatedForward(_ parts: TrainingFLOPs) -> Double {
    let layer = parts.moeLayer
    guard layer > 0 else { return 0 }
    return switch self {
    case .none: 0
    // Norms and activations are no matrix products: a few percent of a forward pass.
    case .cheap: 0.03
    case .coreAttention: parts.attentionCore / layer
    case .moe: (parts.routedExperts + parts.sharedExperts) / layer
    case .full: 1
    }
  }
}
