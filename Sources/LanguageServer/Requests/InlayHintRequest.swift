import ConfigDocument
import Diagnostics
import LaunchModel
import Topology
import Validation

/// `textDocument/inlayHint`: what follows from the values, beside them: GPUs, replicas, micro-batches, stages.
enum InlayHintRequest: DocumentRequest {
  static let method = "textDocument/inlayHint"
  static let capability = (name: "inlayHintProvider", value: ConfigValue.bool(true))

  static func answer(_ subject: RequestSubject) throws(CallError) -> ConfigValue {
    let range = try subject.range()
    let analysis = subject.analysis
    guard let derived = analysis.derived else { return [] }
    return .list(
      hints(derived, analysis).compactMap { hint in
        let places = hint.at.lazy.compactMap { place(of: $0, analysis) }
        guard let offset = places.first, range.holds(offset) else { return nil }
        return [
          "position": analysis.positions.position(at: offset), "label": .string(hint.label), "paddingLeft": true,
          "tooltip": .string(hint.reason),
        ]
      })
  }

  /// A text, and the fields beside which it may stand: the first that the document has.
  private struct Hint {
    let label: String
    let reason: String
    let at: [FieldPath]
  }

  private static func hints(_ derived: DerivedValues, _ analysis: Analysis) -> [Hint] {
    let parallelism = Path.parallelism
    var hints = [
      Hint(
        label: "\(derived.worldSize) GPUs", reason: "num_nodes x gpus_per_node",
        at: [Path.cluster.gpusPerNode, Path.cluster.numNodes]),
      Hint(
        label: "data-parallel size \(derived.dataParallelSize), of experts \(derived.expertDataParallelSize)",
        reason: "GPUs / (TP x PP x CP), and GPUs / (ETP x EP x PP)",
        at: [parallelism.whole, parallelism.tensorModelParallelSize]),
      Hint(
        label: microbatches(derived), reason: "global_batch_size / (micro_batch_size x data-parallel size)",
        at: [Path.train.globalBatchSize, Path.train.microBatchSize]),
    ]
    if derived.stages.stages.count > 1 {
      hints.append(
        Hint(
          label: derived.stages.stages.map(text).joined(separator: " | "),
          reason:
            "the stages of the pipeline in Megatron's order; E embedding, L loss, the numbers count decoder layers",
          at: [
            parallelism.pipelineModelParallelLayout, parallelism.virtualPipelineModelParallelSize,
            parallelism.pipelineModelParallelSize,
          ]))
    }
    if let padded = derived.paddedVocabSize, padded != analysis.config.model.vocabSize {
      hints.append(
        Hint(label: "padded to \(padded)", reason: "to a multiple of what TP divides", at: [Path.model.vocabSize]))
    }
    return hints
  }

  private static func microbatches(_ derived: DerivedValues) -> String {
    let count = "\(derived.numMicrobatches) micro-batch\(derived.numMicrobatches == 1 ? "" : "es") a step"
    return derived.firstMicrobatches.map { "\(count), \($0) in the first" } ?? count
  }

  private static func text(of stage: PipelineStage) -> String {
    var parts = stage.embedding ? ["E"] : []
    if stage.numLayers > 0 || !stage.embedding && !stage.loss { parts.append("\(stage.numLayers)") }
    if stage.mtp > 0 { parts.append("MTP") }
    if stage.loss { parts.append("L") }
    return parts.joined(separator: "+")
  }

  /// Behind the value of a field, or behind the colon of a section.
  private static func place(of path: FieldPath, _ analysis: Analysis) -> Int? {
    guard let entry = analysis.entry(of: path) else { return nil }
    let isHere = entry.value.range.start >= entry.keyRange.end
    if entry.value.entries == nil, isHere { return entry.value.range.end }
    let text = analysis.file.text(in: SourceRange(entry.keyRange.end, entry.keyRange.end + 1))
    return entry.keyRange.end + (text == ":" ? 1 : 0)
  }
}
