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

  var firstEdge: FieldPath {
    config.parallelism.numLayersInFirstPipelineStage == nil
      ? Path.parallelism.numLayersInLastPipelineStage : Path.parallelism.numLayersInFirstPipelineStage
  }

  /// The last stage's size, where both ends are given.
  var otherEdge: [RelatedField] {
    let parallelism = config.parallelism
    guard parallelism.numLayersInFirstPipelineStage != nil, let last = parallelism.numLayersInLastPipelineStage else {
      return []
    }
    return [(Path.parallelism.numLayersInLastPipelineStage, "\(Help.count(last, "layer"))")]
  }

  /// The nearest sizes of the first given end that leave whole shares, the other end as it is.
  var edgeHelp: Message {
    let parallelism = config.parallelism
    let (first, last) = (parallelism.numLayersInFirstPipelineStage, parallelism.numLayersInLastPipelineStage)
    let virtual = parallelism.virtualPipelineModelParallelSize ?? 1
    let others = first == nil ? 0 : last ?? 0
    let middle = sizes.pipeline - (first == nil ? 0 : 1) - (last == nil ? 0 : 1)
    let given = first ?? last ?? 0
    let left = architecture.numLayers - others
    let legal =
      left < 1
      ? []
      : (1...left).filter { size in
        let rest = left - size
        return size % virtual == 0
          && (middle > 0 ? rest > 0 && rest % middle == 0 && rest / middle % virtual == 0 : middle == 0 && rest == 0)
      }
    let nearest = [legal.last { $0 <= given }, legal.first { $0 > given }].compactMap { $0 }
    return nearest.isEmpty
      ? "write a layout instead" : "\(name: firstEdge) \(Help.list(nearest)) fits; or write a layout"
  }
}
