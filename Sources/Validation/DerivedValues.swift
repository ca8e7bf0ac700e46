package import Diagnostics
package import Topology

/// What follows from a config and tools want to know: sizes, micro-batches, stages.
package struct DerivedValues: Sendable {
  package let worldSize: Int
  package let dataParallelSize: Int
  package let expertDataParallelSize: Int
  /// Of a step at the full batch size, on one replica.
  package let numMicrobatches: Int
  /// Of the first step, where the batch ramps up to the full size: what Megatron's calculator starts with.
  package let firstMicrobatches: Int?
  /// `nil` where the vocabulary is known to nobody but the tokenizer.
  package let paddedVocabSize: Int?
  package let stages: StageMap
  /// Megatron's string, written or Megatron's own even split.
  package let layout: String

  /// - Returns: `nil` where something leaves one of the values undefined.
  package init?(_ run: RunFacts) {
    guard let dataParallelSize = run.dataParallelSize, let expertDataParallelSize = run.expertDataParallelSize,
      let numMicrobatches = run.numMicrobatches, let stages = run.stages
    else { return nil }
    worldSize = run.worldSize
    self.dataParallelSize = dataParallelSize
    self.expertDataParallelSize = expertDataParallelSize
    self.numMicrobatches = numMicrobatches
    firstMicrobatches = run.rampUp == nil ? nil : run.firstMicrobatches
    paddedVocabSize = run.paddedVocabSize
    self.stages = stages
    layout = stages.layout.megatronString
  }

  /// - Parameter diagnostics: of the same config. Where reading has refused a value that others follow from, nothing is
  ///   known of these.
  package init?(_ run: RunFacts, _ diagnostics: [Diagnostic]) {
    let sources: Set<String> = ["cluster", "model", "parallelism", "train", "tokenizer", "extends", ""]
    let isRefused = diagnostics.contains {
      $0.severity == .error && ["DOC", "FIELD", "BRIDGE"].contains($0.code.family)
        && sources.contains(String($0.path.prefix { $0 != "." }))
    }
    guard !isRefused else { return nil }
    self.init(run)
  }
}
