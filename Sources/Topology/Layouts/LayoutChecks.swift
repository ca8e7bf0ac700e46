extension PipelineLayout {
  /// Every rule that the layout breaks for a model and a pipeline, in the order in which Megatron checks them; empty for
  /// a layout that Megatron starts with.
  ///
  /// Follows `PipelineParallelLayerLayout` and `TransformerConfig.__post_init__` of megatron-core 0.16.1, and counts
  /// virtual stages on a pipeline of one, which Megatron refuses only when it makes its process groups.
  ///
  /// - Parameters:
  ///   - mtpNumLayers: `mtp_num_layers`; `nil` allows no MTP layer.
  ///   - virtualPipeline: `nil` takes what the number of stages says.
  package func violations(
    numLayers: Int, mtpNumLayers: Int? = nil, pipeline: Int, virtualPipeline: Int? = nil
  ) -> [PipelineViolation] {
    guard pipeline > 0 else { return [.sizeNotPositive(.pipeline, pipeline)] }
    var violations: [PipelineViolation] = []
    let dividesEvenly = stages.count % pipeline == 0
    if !dividesEvenly {
      violations.append(.layoutStages(stages: stages.count, pipeline: pipeline))
    } else if let virtualPipeline, virtualPipeline != stages.count / pipeline {
      violations.append(
        .layoutVirtual(stages: stages.count, pipeline: pipeline, virtualPipeline: virtualPipeline))
    } else if pipeline == 1, let virtualPipeline {
      violations.append(.virtualWithoutPipeline(virtualPipeline: virtualPipeline))
    } else if pipeline == 1, stages.count > 1 {
      violations.append(.layoutWithoutPipeline(stages: stages.count))
    }
    violations += endViolations
    if stages.contains(where: { !$0.isEmpty }) {
      let decoders = count(of: .decoder)
      if decoders != numLayers { violations.append(.decoderCount(decoders, numLayers: numLayers)) }
      let mtp = count(of: .mtp)
      if mtp != mtpNumLayers ?? 0 { violations.append(.mtpCount(mtp, mtpNumLayers: mtpNumLayers)) }
    }
    return violations + mtpViolations(pipeline: dividesEvenly ? pipeline : nil)
  }

  /// Embedding first, loss last, each once.
  private var endViolations: [PipelineViolation] {
    guard let firstStage = stages.firstIndex(where: { !$0.isEmpty }),
      let lastStage = stages.lastIndex(where: { !$0.isEmpty }), let first = stages[firstStage].first,
      let last = stages[lastStage].last
    else { return [.layoutEmpty] }
    var violations: [PipelineViolation] = []
    if first != .embedding {
      violations.append(.embeddingNotFirst(first, at: LayoutPosition(stage: firstStage, element: 0)))
    }
    if last != .loss {
      let position = LayoutPosition(stage: lastStage, element: stages[lastStage].count - 1)
      violations.append(.lossNotLast(last, at: position))
    }
    let embeddings = positions(of: .embedding)
    if embeddings.count != 1 {
      violations.append(.embeddingCount(embeddings.count, at: embeddings.dropFirst().first))
    }
    let losses = positions(of: .loss)
    if losses.count != 1 {
      violations.append(.lossCount(losses.count, at: losses.dropFirst().first))
    }
    return violations
  }

  /// MTP layers after all decoders, all in one stage, and that the last virtual stage of its rank.
  private func mtpViolations(pipeline: Int?) -> [PipelineViolation] {
    guard let firstMTP = positions(of: .mtp).first else { return [] }
    var violations: [PipelineViolation] = []
    let later = positions(of: .decoder).first {
      ($0.stage, $0.element) > (firstMTP.stage, firstMTP.element)
    }
    if let later { violations.append(.decoderAfterMTP(at: later)) }
    guard let pipeline else { return violations }
    let lastChunks = stages.count - pipeline
    if firstMTP.stage < lastChunks { violations.append(.mtpNotInLastChunk(at: firstMTP)) }
    let chunks = positions(of: .mtp).filter { $0.stage >= lastChunks }
    if let second = chunks.first(where: { $0.stage != chunks.first?.stage }) {
      violations.append(.mtpSplit(at: second))
    }
    return violations
  }
}
