package import LaunchModel
package import Training

/// The samples of a run: what it learns from, and what it is evaluated on.
package struct RunData {
  package let train: any SampleSource
  /// `nil` where nothing is held out.
  package let validation: (any SampleSource)?

  /// - Throws: ``TrainerError``, and what reading the files throws, with file and line.
  package init(_ config: LaunchConfig, _ shape: ModelShape, _ tokenizer: any Tokenizer) throws {
    let builder = SourceBuilder(config: config, vocabSize: shape.vocabSize, tokenizer: tokenizer)
    train = try builder.source(.train)
    let wantsValidation = config.validation.evalIters > 0 && (config.validation.evalInterval ?? 0) > 0
    validation = wantsValidation ? try builder.validationSource() : nil
  }
}

private struct SourceBuilder {
  let config: LaunchConfig
  let vocabSize: Int
  let tokenizer: any Tokenizer

  private var dataset: Section<DatasetFields> { config.dataset }
  private var seed: UInt64 { UInt64(bitPattern: Int64(dataset.randomSeed)) }

  func source(_ part: DatasetSplit.Part) throws -> any SampleSource {
    switch dataset.kind {
    case .mock:
      return try MockSamples(
        sequenceLength: config.model.seqLength, vocabularySize: min(vocabSize, tokenizer.vocabularySize), seed: seed,
        part: part)
    case .jsonl, .tokens, .indexed, .sft: return try blend(dataset.dataPaths, part)
    }
  }

  /// The held-out part; `nil` where the split leaves none.
  func validationSource() throws -> (any SampleSource)? {
    if !dataset.validDataPaths.isEmpty { return try blend(dataset.validDataPaths, nil) }
    if dataset.kind == .sft { return dataset.doValidation ? try blend(dataset.dataPaths, .validation) : nil }
    if dataset.kind != .mock, let split = dataset.split, try DatasetSplit(split).shares[1] == 0 { return nil }
    do {
      return try source(.validation)
    } catch let error as DatasetError where error.message.contains("hold no tokens") {
      // Too few documents for the share.
      return nil
    }
  }

  /// - Parameter part: `nil` for whole files.
  private func blend(_ paths: [DataPath], _ part: DatasetSplit.Part?) throws -> any SampleSource {
    guard !paths.isEmpty else { throw TrainerError("dataset.data_paths is empty") }
    let sources = try paths.map { try single($0.path, part) }
    guard sources.count > 1 else { return sources[0] }
    let weights = paths.contains { $0.weight != nil } ? paths.map { $0.weight ?? 1 } : nil
    return try BlendedSamples(sources, weights: weights)
  }

  private func single(_ path: String, _ part: DatasetSplit.Part?) throws -> any SampleSource {
    if dataset.kind == .sft { return try supervised(path, part) }
    let documents: any TokenDocuments
    switch dataset.kind {
    case .tokens: documents = try DocumentsInMemory(tokenLines: path, vocabularySize: vocabSize)
    case .indexed: documents = try IndexedDataset(path)
    case .jsonl, .mock, .sft: documents = try DocumentsInMemory(jsonLines: path, tokenizer: tokenizer)
    }
    let range = try part.map { try DatasetSplit(dataset.split ?? "1,0,0").documents($0, of: documents.count) }
    var options = PackedSamples.Options(
      sequenceLength: config.model.seqLength, shuffle: dataset.shuffle, seed: seed, vocabularySize: vocabSize)
    options.eod = tokenizer.eod
    options.eodMaskLoss = dataset.eodMaskLoss ?? false
    options.resetAttentionMask = dataset.resetAttentionMask ?? false
    return try PackedSamples(
      documents, range ?? 0..<documents.count, options, keepsDocuments: dataset.kind == .tokens)
  }

  private func supervised(_ path: String, _ part: DatasetSplit.Part?) throws -> any SampleSource {
    var options = SupervisedOptions(sequenceLength: config.model.seqLength, vocabularySize: vocabSize)
    options.lossOn = dataset.answerOnlyLoss ? .assistant : .full
    var rows = try SupervisedRow.read(path, tokenizer, options)
    if let part {
      let held = Int(Double(rows.count) * (dataset.validDataPaths.isEmpty ? dataset.valProportion ?? 0 : 0))
      rows = part == .train ? Array(rows.dropLast(held)) : Array(rows.suffix(held))
    }
    return try SupervisedSamples(
      rows, file: path, sequenceLength: config.model.seqLength, packs: dataset.packedSequenceSize > 0,
      pad: tokenizer.pad ?? tokenizer.eos ?? 0, shuffle: dataset.shuffle, seed: seed)
  }
}
