import LaunchModel
import Topology

/// One of the sizes whose product must divide the GPUs.
enum ParallelSize {
  case tensor, pipeline, context, expert, expertTensor

  var path: FieldPath {
    switch self {
    case .tensor: Path.parallelism.tensorModelParallelSize
    case .pipeline: Path.parallelism.pipelineModelParallelSize
    case .context: Path.parallelism.contextParallelSize
    case .expert: Path.parallelism.expertModelParallelSize
    case .expertTensor: Path.parallelism.expertTensorParallelSize
    }
  }

  var abbreviation: String {
    switch self {
    case .tensor: "TP"
    case .pipeline: "PP"
    case .context: "CP"
    case .expert: "EP"
    case .expertTensor: "ETP"
    }
  }

  func value(_ run: RunFacts) -> Int {
    switch self {
    case .tensor: run.sizes.tensor
    case .pipeline: run.sizes.pipeline
    case .context: run.sizes.context
    case .expert: run.sizes.expert
    case .expertTensor: run.sizes.expertTensor
    }
  }

  /// Whether the model can be cut into so many parts.
  private func divides(_ model: Architecture, _ run: RunFacts, into parts: Int) -> Bool {
    switch self {
    case .tensor:
      let widths = [
        model.numAttentionHeads, model.sharedExpertIntermediateSize, run.hasDenseLayer ? model.ffnHiddenSize : 0,
        run.config.model.vocabSize ?? 0,
      ]
      return widths.allSatisfy { $0.isMultiple(of: parts) }
    case .pipeline:
      if let layout = run.layout { return layout.layout.stages.count.isMultiple(of: parts) }
      return model.numLayers.isMultiple(of: parts)
    case .context: return parts == 1 || run.config.model.seqLength.isMultiple(of: 2 * parts)
    case .expert: return model.numMoEExperts.isMultiple(of: parts)
    case .expertTensor: return model.moeFFNHiddenSize.isMultiple(of: parts)
    }
  }

  /// Of sizes whose product does not divide the GPUs, the one to look at first: one that does not divide them even
  /// alone, else the largest.
  static func blamed(_ sizes: [ParallelSize], _ run: RunFacts) -> ParallelSize {
    sizes.first { !run.worldSize.isMultiple(of: $0.value(run)) }
      ?? sizes.dropFirst().reduce(sizes[0]) { $1.value(run) > $0.value(run) ? $1 : $0 }
  }

  /// `nearest: TP 2 or 4; or 15 or 18 GPUs`: values of this size that fill the GPUs beside the others and fit the
  /// model, then numbers of GPUs that suit it as it is.
  func help(_ run: RunFacts, replica: Int) -> Message {
    let (own, gpus) = (value(run), run.worldSize)
    var offers: [String] = []
    // Of more GPUs than there are, finding the divisors takes long, and helps nobody.
    if own > 0, gpus < 1 << 31, gpus.isMultiple(of: replica / own) {
      let legal = divisors(of: gpus / (replica / own)).filter { divides(run.architecture, run, into: $0) }
      let near = [legal.last { $0 < own }, legal.first { $0 > own }].compactMap { $0 }
      if !near.isEmpty { offers.append("\(abbreviation) \(Help.list(near))") }
    }
    if offers.isEmpty || divides(run.architecture, run, into: own) {
      let (below, above) = Help.neighbours(of: gpus, multipleOf: replica)
      offers.append(below.map { "\($0) or \(above) GPUs" } ?? "at least \(above) GPUs")
    }
    return "nearest: \(offers.joined(separator: "; or "))"
  }
}
