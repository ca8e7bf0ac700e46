import Estimation
import LaunchModel
import Topology

/// The layers of each stage for one size of the pipeline, balanced by cost, with what prices need of them.
struct PlannedStages {
  let virtualPipeline: Int?
  let map: StageMap
  /// By pipeline rank.
  let contents: [ChunkContents]
  /// Megatron's string; `nil` without a pipeline.
  let layout: String?

  /// `nil` where the model's layers cannot be dealt so.
  init?(_ request: PlanRequest, _ kinds: LayerKinds, pipeline: Int, virtualPipeline: Int?) {
    var config = request.base
    config.parallelism.pipelineModelParallelSize = pipeline
    config.parallelism.virtualPipelineModelParallelSize = virtualPipeline
    if pipeline == 1 {
      guard
        let whole = try? StageMap(
          numLayers: config.model.numLayers, mtpNumLayers: config.model.mtpNumLayers, pipeline: 1)
      else { return nil }
      self.init(whole, kinds, layout: nil)
    } else {
      guard let balanced = try? config.balancedLayout() else { return nil }
      self.init(balanced.map, kinds, layout: balanced.layout.megatronString)
    }
  }

  init(_ map: StageMap, _ kinds: LayerKinds, layout: String?) {
    virtualPipeline = map.virtualPipeline
    self.map = map
    contents = kinds.contents(of: map)
    self.layout = layout
  }
}
