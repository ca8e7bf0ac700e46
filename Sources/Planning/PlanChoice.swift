import Estimation
package import LaunchModel
import Topology

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
  ///
  /// - Parameter virtualPipeline: its layout's, where that has set it.
  init(_ config: LaunchConfig, virtualPipeline: Int?) {
    let sizes = config.parallelSizes
    self.init(
      tensor: sizes.tensor, pipeline: sizes.pipeline, virtualPipeline: virtualPipeline, context: sizes.context,
      expert: sizes.expert, expertTensor: sizes.expertTensor,
      microBatchSize: config.train.microBatchSize ?? 1, recompute: RecomputeChoice(config))
  }

  /// Its parallel sizes.
  var sizes: ParallelSizes {
    ParallelSizes(
      tensor: tensor, pipeline: pipeline, virtualPipeline: virtualPipeline, context: context, expert: expert,
      expertTensor: expertTensor)
  }

  /// `TP 2 PP 4 VP 2 CP 1 EP 8 ETP 1 micro 1 core_attn`
  package var description: String {
    "TP \(tensor) PP \(pipeline)" + (virtualPipeline.map { " VP \($0)" } ?? "")
      + " CP \(context) EP \(expert) ETP \(expertTensor) micro \(microBatchSize) \(recompute.name)"
  }

  /// The base with this choice.
  ///
  /// - Parameter layout: Megatron's string; `nil` without a pipeline.
  package func config(_ request: PlanRequest, layout: String?) -> LaunchConfig {
    var config = request.baseOnTheseGPUs
    config.parallelism.tensorModelParallelSize = tensor
    // Experts want it with tensor parallelism, and dense models gain by it.
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
    config.parallelism.microbatchGroupSizePerVPStage = nil
    config.parallelism.pipelineModelParallelLayout = layout.map { .text($0) } ?? .none
    config.train.microBatchSize = microBatchSize
    recompute.apply(to: &config)
    return config
  }
}
