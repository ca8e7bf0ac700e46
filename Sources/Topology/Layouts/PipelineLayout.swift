/// What each stage of a pipeline holds, in Megatron's order: stage `vp_rank * PP + pp_rank`.
///
/// A layout by itself may break any rule: `violations(numLayers:mtpNumLayers:pipeline:virtualPipeline:)` says which.
/// It never has more than `TopologyLimits.stages` stages or `TopologyLimits.elements` elements when it was read from text.
public struct PipelineLayout: Hashable, Sendable {
  public let stages: [[LayoutElement]]

  public init(stages: [[LayoutElement]]) { self.stages = stages }

  /// The layout that puts these numbers of decoders on consecutive stages, with the embedding first, then the decoders,
  /// the MTP layers, and the loss last. `nil` without any stage, for a negative count, and beyond `TopologyLimits`.
  public init?(decoders counts: [Int], mtp: Int = 0) {
    guard !counts.isEmpty, counts.count <= TopologyLimits.stages else { return nil }
    var total = 0
    for count in counts + [mtp] {
      guard (0...TopologyLimits.elements - total).contains(count) else { return nil }
      total += count
    }
    self.init(boundedDecoders: counts, mtp: mtp)
  }

  /// As `init(decoders:mtp:)`, for counts that are known to be in bounds.
  init(boundedDecoders counts: [Int], mtp: Int) {
    stages = counts.indices.map { stage in
      let isLast = stage == counts.count - 1
      return (stage == 0 ? [.embedding] : []) + [LayoutElement](repeating: .decoder, count: counts[stage])
        + (isLast ? [LayoutElement](repeating: .mtp, count: mtp) + [.loss] : [])
    }
  }

  /// How often an element occurs in the whole layout.
  public func count(of element: LayoutElement) -> Int {
    stages.reduce(0) { $0 + $1.count { $0 == element } }
  }

  /// The number of decoder layers of each stage.
  public var decoderCounts: [Int] { stages.map { $0.count { $0 == .decoder } } }

  /// The places of an element, in written order.
  func positions(of element: LayoutElement) -> [LayoutPosition] {
    stages.indices.flatMap { stage in
      stages[stage].indices.filter { stages[stage][$0] == element }
        .map { LayoutPosition(stage: stage, element: $0) }
    }
  }

  /// Whether Megatron would set `mtp_standalone`: MTP layers in the last chunk of a rank that is not the last.
  package func isMTPStandalone(pipeline: Int) -> Bool {
    guard pipeline > 1, stages.count >= pipeline, stages.count % pipeline == 0 else { return false }
    return stages.suffix(pipeline).dropLast().contains { $0.contains(.mtp) }
  }

  /// Embedding or loss written on another stage than the one where Megatron builds it: it always builds the embedding on
  /// the first stage and the loss on the last, and only checks the letters' order.
  package var misplacedEnds: [LayoutPosition] {
    positions(of: .embedding).filter { $0.stage != 0 }
      + positions(of: .loss).filter { $0.stage != stages.count - 1 }
  }
}
