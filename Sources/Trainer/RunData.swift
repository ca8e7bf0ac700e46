package import LaunchModel
package import Training

extension DatasetSettings {
  /// The `dataset` section in the engine's terms.
  ///
  /// - Throws: ``DatasetError`` for a split that is none.
  package init(_ config: LaunchConfig, paths: [DataPath], split: DatasetSplit?, vocabSize: Int) {
    let dataset = config.dataset
    self.init(
      kind: Kind(rawValue: dataset.kind.rawValue) ?? .mock, paths: paths.map { Path($0.path, weight: $0.weight) },
      split: split, shuffle: dataset.shuffle, seed: UInt64(bitPattern: Int64(dataset.randomSeed)),
      sequenceLength: config.model.seqLength, vocabularySize: vocabSize)
    eodMaskLoss = dataset.eodMaskLoss ?? false
    resetAttentionMask = dataset.resetAttentionMask ?? false
    packsRows = dataset.packedSequenceSize > 0
    supervised.lossOn = dataset.answerOnlyLoss ? .assistant : .full
  }
}

/// The samples of a run: what it learns from, and what it is evaluated on.
package struct RunData {
  package let train: any SampleSource
  /// `nil` where nothing is held out, or nothing is evaluated.
  package let validation: (any SampleSource)?

  /// The samples of a config's run, without its weights.
  ///
  /// - Parameter vocabSize: rows of the embedding, padded.
  /// - Throws: ``TrainerError``, and what reading the files throws, with file and line.
  package init(_ config: LaunchConfig, vocabSize: Int) throws {
    let configuration = try EngineConfiguration(config, vocabSize: vocabSize, threads: 1)
    try self.init(
      config, configuration.settings.shape, try RunTokenizer.make(config, vocabSize: vocabSize))
  }

  /// - Throws: ``TrainerError``, and what reading the files throws, with file and line.
  package init(_ config: LaunchConfig, _ shape: ModelShape, _ tokenizer: any Tokenizer) throws {
    let dataset = config.dataset
    let hasOwnValidation = !dataset.validDataPaths.isEmpty
    let split = hasOwnValidation ? nil : try Self.split(dataset)
    // Mock data never draw a token that the tokenizer does not have.
    let vocabSize = dataset.kind == .mock ? min(shape.vocabSize, tokenizer.vocabularySize) : shape.vocabSize
    let loaded = try LoadedDataset(
      DatasetSettings(config, paths: dataset.dataPaths, split: split, vocabSize: vocabSize), tokenizer: tokenizer)
    guard let train = try loaded.samples(.train) else { throw TrainerError("dataset.split leaves nothing to train on") }
    self.train = train
    guard config.validation.evalIters > 0, (config.validation.evalInterval ?? 0) > 0 else {
      validation = nil
      return
    }
    guard hasOwnValidation else {
      validation = try loaded.samples(.validation)
      return
    }
    let held = try LoadedDataset(
      DatasetSettings(config, paths: dataset.validDataPaths, split: nil, vocabSize: vocabSize), tokenizer: tokenizer)
    validation = try held.samples(.train)
  }

  private static func split(_ dataset: Section<DatasetFields>) throws -> DatasetSplit? {
    if let split = dataset.split { return try DatasetSplit(split) }
    guard dataset.kind == .sft, dataset.doValidation, let share = dataset.valProportion, share > 0 else { return nil }
    return try DatasetSplit("\(1 - share),\(share),0")
  }
}
