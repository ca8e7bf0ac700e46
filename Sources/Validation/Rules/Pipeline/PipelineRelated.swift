import LaunchModel
import Topology

/// The other sides that most rules of the pipeline name.
extension RunFacts {
  var pipelineRelated: RelatedField {
    (Path.parallelism.pipelineModelParallelSize, "PP \(sizes.pipeline)")
  }

  var virtualPipelineRelated: RelatedField {
    (
      Path.parallelism.virtualPipelineModelParallelSize,
      config.parallelism.virtualPipelineModelParallelSize.map { "VP \($0)" } ?? "null"
    )
  }

  /// The nearest virtual sizes that divide a rank's share of the layers. One chunk is written `null`: Megatron-Bridge
  /// has no data for a schedule that interleaves a single one.
  func virtualHelp(dividing share: Int) -> Message {
    let written = config.parallelism.virtualPipelineModelParallelSize ?? 1
    let legal = divisors(of: share).filter { size in
      size > 1 && hasStages { $0.virtualPipelineModelParallelSize = size }
    }
    let near = [legal.last { $0 < written }, legal.first { $0 > written }].compactMap { $0 }
    return near.isEmpty
      ? "write null for the plain schedule, or a layout"
      : "VP that divides \(share): \(Help.list(near)); or write null for the plain schedule, or a layout"
  }

  var layersRelated: RelatedField {
    (Path.model.numLayers, "\(Help.count(architecture.numLayers, "layer"))")
  }

  var layoutRelated: RelatedField {
    (
      Path.parallelism.pipelineModelParallelLayout,
      layout.map { "\(Help.count($0.layout.stages.count, "stage"))" } ?? "layout"
    )
  }

  /// The first and last stage's sizes, where they are written.
  var edgesRelated: [RelatedField] {
    let parallelism = config.parallelism
    return [
      (Path.parallelism.numLayersInFirstPipelineStage, parallelism.numLayersInFirstPipelineStage),
      (Path.parallelism.numLayersInLastPipelineStage, parallelism.numLayersInLastPipelineStage),
    ].compactMap { path, layers in layers.map { (path, "\(Help.count($0, "layer"))") } }
  }

  /// The switches that count embedding and loss, where they are on.
  var accountingRelated: [RelatedField] {
    let parallelism = config.parallelism
    return [
      (Path.parallelism.accountForEmbeddingInPipelineSplit, parallelism.accountForEmbeddingInPipelineSplit),
      (Path.parallelism.accountForLossInPipelineSplit, parallelism.accountForLossInPipelineSplit),
    ].filter(\.1).map { ($0.0, "on") }
  }
}
