import Topology

extension RunFacts {
  /// What Topology says that one rule reports of the pipeline's split; without what follows from another rule's
  /// violation.
  func splitViolations(of rule: any Rule.Type) -> [PipelineViolation] {
    guard !stageViolations.isEmpty else { return [] }
    // A virtual pipeline without a pipeline is refused as such; how it would divide the layers does not matter then.
    let hasVirtualAlone = stageViolations.contains {
      if case .virtualWithoutPipeline = $0 { true } else { false }
    }
    return stageViolations.filter { violation in
      guard violation.rule == rule else { return false }
      switch violation {
      case .evenVirtualSplit, .edgeVirtualSplit, .middleVirtualSplit, .accountingVirtualSplit: return !hasVirtualAlone
      default: return true
      }
    }
  }
}

extension PipelineViolation {
  /// The rule that reports it; `nil` for sizes that no field takes.
  var rule: (any Rule.Type)? {
    switch self {
    case .sizeNotPositive: nil
    case .numLayersOutOfRange, .mtpNumLayersOutOfRange, .tooManyStages: StagesWithinLimits.self
    case .evenSplit: LayersDivideByPipelineSize.self
    case .evenVirtualSplit: StageLayersDivideByVirtualSize.self
    case .virtualWithoutPipeline: VirtualStagesNeedPipeline.self
    case .layoutWithOtherSplit: LayoutExcludesOtherSplits.self
    case .edgesWithAccounting: EdgesExcludeAccounting.self
    case .edgeNotPositive, .edgeVirtualSplit: EdgeStageSizes.self
    case .middleMismatch, .middleSplit, .middleVirtualSplit: MiddleStagesAreEven.self
    case .middleNegative: EndsFitTheModel.self
    case .edgesWithoutMiddleInterleaved: InterleavedEndsNeedMiddle.self
    case .accountingSplit, .accountingVirtualSplit: CountedEndsDivide.self
    case .layoutStages, .layoutVirtual: LayoutFillsPipeline.self
    case .layoutWithoutPipeline: LayoutNeedsPipeline.self
    case .layoutEmpty, .embeddingNotFirst, .lossNotLast, .embeddingCount, .lossCount: LayoutEnds.self
    case .decoderCount, .mtpCount: LayoutHoldsModel.self
    case .decoderAfterMTP, .mtpNotInLastChunk, .mtpSplit: LayoutOfMTPLayers.self
    }
  }
}
