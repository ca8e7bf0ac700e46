/// One model chunk: what virtual stage `vp` of pipeline stage `pp` holds.
public struct PipelineStage: Hashable, Sendable {
  /// The pipeline rank, from 0.
  public let pp: Int
  /// The virtual pipeline rank, from 0.
  public let vp: Int
  /// The first decoder layer, from 0; where the next one would be if the stage has none.
  public let firstLayer: Int
  /// The number of decoder layers.
  public let numLayers: Int
  /// Whether the embedding is built here: always on the first stage.
  public let embedding: Bool
  /// Whether the output head and the loss are built here: always on the last stage.
  public let loss: Bool
  /// The number of MTP layers.
  public let mtp: Int

  /// The decoder layers, from 0.
  public var layers: Range<Int> { firstLayer..<firstLayer + numLayers }
}

/// Which layers every stage of a pipeline holds, as megatron-core 0.16.1 builds them.
package struct StageMap: Hashable, Sendable {
  package let pipeline: Int
  /// `nil` without the interleaved schedule. A layout may have set it.
  package let virtualPipeline: Int?
  /// In model order: stage `vp * pipeline + pp`.
  package let stages: [PipelineStage]

  /// - Parameters:
  ///   - numLayers: decoder layers of the model.
  ///   - mtpNumLayers: `mtp_num_layers`; without a layout they stand on the last stage.
  /// - Throws: everything that Megatron would refuse, and splits it accepts without building each layer once.
  package init(
    numLayers: Int, mtpNumLayers: Int? = nil, pipeline: Int, virtualPipeline: Int? = nil, split: StageSplit = .even
  ) throws(StageMapError) {
    let violations = split.violations(
      numLayers: numLayers, mtpNumLayers: mtpNumLayers, pipeline: pipeline, virtualPipeline: virtualPipeline)
    guard violations.isEmpty else { throw StageMapError(violations: violations) }
    let counts = split.decoderCounts(numLayers: numLayers, pipeline: pipeline, chunks: virtualPipeline ?? 1)
    let mtp =
      switch split {
      case .layout(let layout): layout.stages.map { $0.count { $0 == .mtp } }
      case .even, .edges, .accounting: counts.indices.map { $0 == counts.count - 1 ? mtpNumLayers ?? 0 : 0 }
      }
    self.init(decoders: counts, mtp: mtp, pipeline: pipeline, virtualPipeline: virtualPipeline)
  }

  /// The map of these numbers of decoder and MTP layers, which are for a multiple of `pipeline` chunks.
  init(decoders: [Int], mtp: [Int], pipeline: Int, virtualPipeline: Int?) {
    var layer = 0
    var stages: [PipelineStage] = []
    stages.reserveCapacity(decoders.count)
    for (index, count) in decoders.enumerated() {
      stages.append(
        PipelineStage(
          pp: index % pipeline, vp: index / pipeline, firstLayer: layer, numLayers: count, embedding: index == 0,
          loss: index == decoders.count - 1, mtp: mtp[index]))
      layer += count
    }
    self.pipeline = pipeline
    let chunks = stages.count / pipeline
    self.virtualPipeline = virtualPipeline ?? (chunks > 1 ? chunks : nil)
    self.stages = stages
  }

  /// The chunk of a pipeline and virtual rank; `nil` where there is none.
  package func stage(pp: Int, vp: Int = 0) -> PipelineStage? {
    guard (0..<pipeline).contains(pp), (0..<stages.count / pipeline).contains(vp) else { return nil }
    return stages[vp * pipeline + pp]
  }

  /// The chunks of one pipeline rank, by virtual rank.
  package func chunks(pp: Int) -> [PipelineStage] {
    guard (0..<pipeline).contains(pp) else { return [] }
    return stride(from: pp, to: stages.count, by: pipeline).map { stages[$0] }
  }

  /// The map written as a layout, which Megatron would build the same way.
  package var layout: PipelineLayout {
    PipelineLayout(
      stages: stages.map { stage in
        (stage.embedding ? [.embedding] : []) + [LayoutElement](repeating: .decoder, count: stage.numLayers)
          + [LayoutElement](repeating: .mtp, count: stage.mtp) + (stage.loss ? [.loss] : [])
      })
  }
}

/// Why there is no stage map; never empty.
package struct StageMapError: Error, Hashable, Sendable {
  package let violations: [PipelineViolation]
}

extension StageSplit {
  /// Every rule that a split breaks for a model and a pipeline, in Megatron's order.
  package func violations(
    numLayers: Int, mtpNumLayers: Int? = nil, pipeline: Int, virtualPipeline: Int? = nil
  ) -> [PipelineViolation] {
    var violations: [PipelineViolation] = []
    let sizes: [(SizeName, Int)] = [(.pipeline, pipeline), (.virtualPipeline, virtualPipeline ?? 1)]
    violations += sizes.filter { $0.1 < 1 }.map { .sizeNotPositive($0.0, $0.1) }
    if let mtpNumLayers, !(0...TopologyLimits.elements).contains(mtpNumLayers) {
      violations.append(.mtpNumLayersOutOfRange(mtpNumLayers))
    }
    if !(0...TopologyLimits.elements).contains(numLayers) { violations.append(.numLayersOutOfRange(numLayers)) }
    guard violations.isEmpty else { return violations }
    let product = checkedProduct(pipeline, virtualPipeline ?? 1)
    guard let product, product <= TopologyLimits.stages else {
      return [.tooManyStages(pipeline: pipeline, virtualPipeline: virtualPipeline ?? 1)]
    }
    if case .layout(let layout) = self {
      return layout.violations(
        numLayers: numLayers, mtpNumLayers: mtpNumLayers, pipeline: pipeline, virtualPipeline: virtualPipeline)
    }
    if pipeline == 1, let virtualPipeline {
      violations.append(.virtualWithoutPipeline(virtualPipeline: virtualPipeline))
    }
    switch self {
    case .even:
      if numLayers % pipeline != 0 {
        violations.append(.evenSplit(numLayers: numLayers, pipeline: pipeline))
      } else if let virtualPipeline, numLayers / pipeline % virtualPipeline != 0 {
        violations.append(
          .evenVirtualSplit(layersPerRank: numLayers / pipeline, virtualPipeline: virtualPipeline))
      }
    case .accounting(let embedding, let loss):
      let slots = numLayers + (embedding ? 1 : 0) + (loss ? 1 : 0)
      if slots % pipeline != 0 {
        violations.append(.accountingSplit(slots: slots, pipeline: pipeline))
      } else if let virtualPipeline, slots / pipeline % virtualPipeline != 0 {
        violations.append(
          .accountingVirtualSplit(slotsPerRank: slots / pipeline, virtualPipeline: virtualPipeline))
      }
    case .edges(let first, let last):
      violations += Self.edgeViolations(
        numLayers: numLayers, first: first, last: last, pipeline: pipeline, virtualPipeline: virtualPipeline)
    case .layout:
      break
    }
    return violations
  }

  private static func edgeViolations(
    numLayers: Int, first: Int?, last: Int?, pipeline: Int, virtualPipeline: Int?
  ) -> [PipelineViolation] {
    var violations: [PipelineViolation] = []
    for (edge, value) in [(PipelineViolation.Edge.first, first), (.last, last)] {
      guard let value else { continue }
      if value < 1 {
        violations.append(.edgeNotPositive(edge, value))
      } else if let virtualPipeline, value % virtualPipeline != 0 {
        violations.append(.edgeVirtualSplit(edge, value, virtualPipeline: virtualPipeline))
      }
    }
    // On a pipeline of one the first stage is the last.
    let isWhole = pipeline == 1 && first == numLayers && last == numLayers
    guard violations.isEmpty, !isWhole else { return violations }
    // Positive numbers: subtracting two of them from a bounded one can only overflow downwards.
    let (withoutFirst, _) = numLayers.subtractingReportingOverflow(first ?? 0)
    let (difference, overflow) = withoutFirst.subtractingReportingOverflow(last ?? 0)
    let layers = overflow ? Int.min : difference
    let stages = pipeline - (first == nil ? 0 : 1) - (last == nil ? 0 : 1)
    if layers < 0 || stages < 0 {
      violations.append(.middleNegative(layers: layers, stages: stages))
    } else if (layers == 0) != (stages == 0) {
      violations.append(.middleMismatch(layers: layers, stages: stages))
    } else if stages > 0, layers % stages != 0 {
      violations.append(.middleSplit(layers: layers, stages: stages))
    } else if stages > 0, let virtualPipeline, layers / stages % virtualPipeline != 0 {
      violations.append(.middleVirtualSplit(layersPerStage: layers / stages, virtualPipeline: virtualPipeline))
    }
    if stages == 0, pipeline > 1, let virtualPipeline {
      violations.append(.edgesWithoutMiddleInterleaved(virtualPipeline: virtualPipeline))
    }
    return violations
  }

  /// The decoder layers of every chunk in model order, for a split without violations.
  fileprivate func decoderCounts(numLayers: Int, pipeline: Int, chunks: Int) -> [Int] {
    let stages = pipeline * chunks
    switch self {
    case .layout(let layout):
      return layout.decoderCounts
    case .even:
      return [Int](repeating: numLayers / stages, count: stages)
    case .accounting(let embedding, let loss):
      let slots = numLayers + (embedding ? 1 : 0) + (loss ? 1 : 0)
      var counts = [Int](repeating: slots / stages, count: stages)
      if embedding { counts[0] -= 1 }
      if loss { counts[stages - 1] -= 1 }
      return counts
    case .edges(let first, let last):
      let middleStages = pipeline - (first == nil ? 0 : 1) - (last == nil ? 0 : 1)
      let middle = middleStages > 0 ? (numLayers - (first ?? 0) - (last ?? 0)) / middleStages : 0
      let ranks = (0..<pipeline).map { rank in
        if rank == 0, let first { return first / chunks }
        if rank == pipeline - 1, let last { return last / chunks }
        return middle / chunks
      }
      return (0..<chunks).flatMap { _ in ranks }
    }
  }
}
