package import Estimation
import FileAccess
package import LaunchModel
import Validation

extension EpochCount {
  /// The data of a config, counted as they lie here; `nil` where they cannot be read, and for mock data.
  ///
  /// - Parameter samples: those of one epoch, where somebody has made them.
  package init?(countingDataOf config: LaunchConfig, samples: Int? = nil) {
    let data = config.dataset
    self.init(config, data.dataPaths.compactMap { Self.source($0.path, data.kind) }, samples: samples)
  }

  private static func source(_ path: String, _ kind: DatasetKind) -> Source? {
    switch kind {
    case .mock: return nil
    case .indexed:
      return IndexedDatasetHeader(of: path).map { Source(path, rows: $0.sequenceCount, tokens: $0.tokenCount) }
    case .jsonl, .tokens, .sft:
      if let count = LineCount(of: path) { return Source(path, rows: count.lines, isExact: count.isExact) }
      // A folder as Megatron-Bridge reads it.
      guard kind == .sft, let count = LineCount(of: path + "/training.jsonl") else { return nil }
      return Source(path, rows: count.lines, isExact: count.isExact, isTrainingOnly: true)
    }
  }

  /// As rules ask for it; `nil` where only the tokenizer tells.
  var passes: DataPasses? {
    parts.compactMap(\.epochs).max().map { DataPasses(samples: samplesOfRun, epochs: $0) }
  }
}
