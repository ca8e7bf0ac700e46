import LaunchModel

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
