package import LaunchModel

/// How often a run goes through what it learns from.
package struct EpochCount: Hashable, Sendable {
  /// One of `dataset.data_paths`, counted.
  package struct Source: Hashable, Sendable {
    package let path: String
    /// Rows of JSONL, or documents of an indexed dataset.
    package let rows: Int
    /// Whether they were all counted; else the number is close.
    package let isExact: Bool
    /// Of an indexed dataset; those of texts are known once they are tokenized.
    package let tokens: Int?
    /// Whether its file is for training alone, so that nothing is held out of it.
    package let isTrainingOnly: Bool

    package init(_ path: String, rows: Int, isExact: Bool = true, tokens: Int? = nil, isTrainingOnly: Bool = false) {
      self.path = path
      self.rows = rows
      self.isExact = isExact
      self.tokens = tokens
      self.isTrainingOnly = isTrainingOnly
    }
  }

  /// A source with what training takes of it.
  package struct Part: Hashable, Sendable {
    package let source: Source
    /// Samples of one epoch, without what is held out; `nil` where only the tokenizer tells.
    package let samples: Double?
    /// Of the whole run; `nil` where that is not defined.
    package let epochs: Double?
  }

  package let parts: [Part]
  /// Samples of the whole run.
  package let samplesOfRun: Int
  /// Samples of one step.
  package let batch: Int
  /// Samples of one epoch of all sources; `nil` where only the tokenizer tells, and where weights give each source an
  /// epoch of its own.
  package let samples: Double?

  /// Epochs of the whole run.
  package var epochs: Double? { samples.map { Double(samplesOfRun) / $0 } }

  /// - Parameters:
  ///   - sources: all of `dataset.data_paths`, in their order.
  ///   - samples: those of one epoch, where somebody has made them.
  /// - Returns: `nil` without sources, and where the length of the run is not defined.
  package init?(_ config: LaunchConfig, _ sources: [Source], samples known: Int? = nil) {
    let data = config.dataset
    guard !sources.isEmpty, sources.count == data.dataPaths.count, let steps = config.train.trainSteps,
      let batch = config.train.globalBatchSize, batch > 0
    else { return nil }
    let (product, overflow) = steps.multipliedReportingOverflow(by: batch)
    let samplesOfRun = config.batchRampUp?.samples(inSteps: steps) ?? (overflow ? Int.max : product)
    let counts = sources.map { source in
      sources.count == 1 && known != nil ? known.map(Double.init) : Self.samples(of: source, config)
    }
    let weights = data.dataPaths.compactMap(\.weight)
    let isWeighted = sources.count > 1 && weights.count == sources.count
    let made = counts.compactMap(\.self)
    let total = known.map(Double.init) ?? (made.count == counts.count ? made.reduce(0, +) : nil)
    let sumOfWeights = weights.reduce(0, +)
    parts = zip(sources, counts).enumerated().map { index, part in
      // Without weights each source has its share of the samples, so that all are gone through equally often.
      let epochs: Double? =
        if isWeighted {
          part.1.flatMap { $0 > 0 ? Double(samplesOfRun) * weights[index] / sumOfWeights / $0 : nil }
        } else {
          total.flatMap { $0 > 0 ? Double(samplesOfRun) / $0 : nil }
        }
      return Part(source: part.0, samples: part.1, epochs: epochs)
    }
    self.samplesOfRun = samplesOfRun
    self.batch = batch
    samples = isWeighted ? nil : total.flatMap { $0 > 0 ? $0 : nil }
  }

  private static func samples(of source: Source, _ config: LaunchConfig) -> Double? {
    let data = config.dataset
    let share = source.isTrainingOnly ? 1 : Self.trainingShare(data)
    switch data.kind {
    case .sft: return data.packedSequenceSize > 0 ? nil : (Double(source.rows) * share).rounded()
    case .indexed:
      let length = Double(max(config.model.seqLength, 1))
      return source.tokens.map { max((Double($0) * share / length).rounded(.down), 1) }
    case .jsonl, .tokens, .mock: return nil
    }
  }

  /// What is left to training where evaluation has no files of its own.
  private static func trainingShare(_ data: Section<DatasetFields>) -> Double {
    guard data.validDataPaths.isEmpty else { return 1 }
    if let shares = data.splitShares { return shares[0] }
    guard data.kind == .sft, data.doValidation, let share = data.valProportion else { return 1 }
    return 1 - share
  }
}
