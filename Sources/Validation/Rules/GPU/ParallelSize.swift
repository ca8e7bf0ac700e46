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

  private var place: WritableKeyPath<ParallelSizes, Int> {
    switch self {
    case .tensor: \.tensor
    case .pipeline: \.pipeline
    case .context: \.context
    case .expert: \.expert
    case .expertTensor: \.expertTensor
    }
  }

  func value(_ run: RunFacts) -> Int { run.sizes[keyPath: place] }

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
      let parallelism = run.config.parallelism
      if run.layout != nil, !parallelism.isWritten(\.pipelineModelParallelLayout) {
        // It follows the size.
        let virtual = parallelism.virtualPipelineModelParallelSize
        return parts == 1 ? virtual == nil : parts <= model.numLayers / max(virtual ?? 1, 1)
      }
      return run.hasStages { $0.pipelineModelParallelSize = parts }
    case .context: return parts == 1 || run.config.model.seqLength.isMultiple(of: 2 * parts)
    case .expert: return model.numMoEExperts.isMultiple(of: parts)
    case .expertTensor: return model.moeFFNHiddenSize.isMultiple(of: parts)
    }
  }

  /// Whether the GPUs hold whole replicas of what this size divides, the other sizes as they are.
  private func fillsGPUs(_ run: RunFacts, with value: Int) -> Bool {
    var sizes = run.sizes
    sizes[keyPath: place] = value
    if run.config.parallelism.expertTensorParallelSize == nil, self != .expertTensor {
      sizes.expertTensor = run.release.unsetExpertTensor.size(tensor: sizes.tensor, expert: sizes.expert)
    }
    let holdsDense = self == .expert || self == .expertTensor || sizes.dataParallel(of: run.worldSize) != nil
    let holdsExperts = self == .context || sizes.expertDataParallel(of: run.worldSize) != nil
    return holdsDense && holdsExperts
  }

  /// The nearest values that divide a number of the model's and that no other rule of sizes refuses.
  func nearestDivisors(of number: Int, _ run: RunFacts) -> [Int] {
    let own = value(run)
    let legal = divisors(of: number).filter {
      divides(run.architecture, run, into: $0) && (!run.isOnGivenGPUs || fillsGPUs(run, with: $0))
    }
    return [legal.last { $0 <= own }, legal.first { $0 >= own }].compactMap { $0 }
  }

  /// `TP that divides 16 heads and the GPUs: 2 or 4`; where the GPUs or the rest of the model leave none, what divides
  /// the number alone.
  func divisorHelp(of number: Int, _ noun: String, _ run: RunFacts) -> String {
    let near = nearestDivisors(of: number, run)
    if near.isEmpty { return "\(abbreviation) that divides \(noun): \(Help.divisors(of: number, near: value(run)))" }
    return "\(abbreviation) that divides \(noun)\(run.isOnGivenGPUs ? " and the GPUs" : ""): \(Help.list(near))"
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
      let cut = divisors(of: gpus / (replica / own)).filter { divides(run.architecture, run, into: $0) }
      // Of these the ones that suit the other replicas as well, unless no value does.
      let filling = cut.filter { fillsGPUs(run, with: $0) }
      let legal = filling.isEmpty ? cut : filling
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
