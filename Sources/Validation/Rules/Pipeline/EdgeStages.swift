import LaunchModel
import Topology

extension PipelineViolation.Edge {
  var path: FieldPath {
    switch self {
    case .first: Path.parallelism.numLayersInFirstPipelineStage
    case .last: Path.parallelism.numLayersInLastPipelineStage
    }
  }
}

extension RunFacts {
  /// `27 layers - first 7 - last 6`.
  var middleArithmetic: String {
    let parallelism = config.parallelism
    return Help.count(architecture.numLayers, "layer")
      + (parallelism.numLayersInFirstPipelineStage.map { " - first \($0)" } ?? "")
      + (parallelism.numLayersInLastPipelineStage.map { " - last \($0)" } ?? "")
  }

  var firstEdge: PipelineViolation.Edge {
    config.parallelism.numLayersInFirstPipelineStage == nil ? .last : .first
  }

  /// The last stage's size, where both ends are given.
  var otherEdge: [RelatedField] {
    let parallelism = config.parallelism
    guard parallelism.numLayersInFirstPipelineStage != nil, let last = parallelism.numLayersInLastPipelineStage else {
      return []
    }
    return [(Path.parallelism.numLayersInLastPipelineStage, "\(Help.count(last, "layer"))")]
  }

  /// The nearest sizes of one end that leave whole shares, the other end as it is.
  func edgeHelp(_ edge: PipelineViolation.Edge) -> Message {
    let parallelism = config.parallelism
    let (first, last) = (parallelism.numLayersInFirstPipelineStage, parallelism.numLayersInLastPipelineStage)
    let (given, other) = edge == .first ? (first, last) : (last, first)
    let virtual = parallelism.virtualPipelineModelParallelSize ?? 1
    let middle = sizes.pipeline - (other == nil ? 1 : 2)
    let left = architecture.numLayers - (other ?? 0)
    let legal =
      left < 1
      ? []
      : (1...left).filter { size in
        let rest = left - size
        return size % virtual == 0
          && (middle > 0 ? rest > 0 && rest % middle == 0 && rest / middle % virtual == 0 : middle == 0 && rest == 0)
      }
    let nearest = [legal.last { $0 <= given ?? 0 }, legal.first { $0 > given ?? 0 }].compactMap { $0 }
    return nearest.isEmpty
      ? "write a layout instead" : "\(name: edge.path) \(Help.list(nearest)) fits; or write a layout"
  }
}
