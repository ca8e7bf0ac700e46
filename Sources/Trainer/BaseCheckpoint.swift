package import LaunchModel
package import Training

/// The weights that a run starts from: `checkpoint.pretrained_checkpoint`.
package struct BaseCheckpoint {
  package let folder: String
  private let config: HuggingFaceConfig

  private static let name = "checkpoint.pretrained_checkpoint"

  /// Opens the checkpoint and reads what describes it, no weights; `nil` where the config names none.
  ///
  /// - Throws: ``TrainerError`` where there is none, for an adapter, and for adapters without a base; ``SystemError``,
  ///   ``SafetensorsError``, ``HuggingFaceConfigError`` for files that are missing or broken.
  package init?(_ config: LaunchConfig) throws {
    guard let path = config.checkpoint.pretrainedCheckpoint else {
      guard !config.peft.isPresent else {
        throw TrainerError("adapters need the weights they adapt: \(Self.name) is not given")
      }
      return nil
    }
    folder = try WeightSource.folder(path, argument: Self.name)
    guard !AdapterWeights.isAdapter(folder) else {
      throw TrainerError(
        "\(Self.name): \(folder) holds an adapter; `moonlight-trainer merge` folds it into its base, "
          + "checkpoint.load goes on from it")
    }
    self.config = try HuggingFaceConfig(file: FilePath.join(folder, HuggingFaceConfig.fileName))
    _ = try StoredWeights(directory: folder)
  }

  /// Whether the weights that a config names lie here in a form that this package reads; Megatron reads others, and other
  /// machines have others.
  package static func isHere(_ config: LaunchConfig) -> Bool {
    guard let path = config.checkpoint.pretrainedCheckpoint, let folder = try? WeightSource.folder(path) else {
      return false
    }
    return POSIXFileSystem().kind(FilePath.join(folder, HuggingFaceConfig.fileName)) != nil
  }

  /// Where the model section describes another model. More rows of the vocabulary are none: a tokenizer may have more
  /// entries than the weights, and those rows begin at zero.
  package func differences(from shape: ModelShape) -> [ShapeDifference] {
    var stored = ModelShape(config)
    stored.vocabSize = max(stored.vocabSize, shape.vocabSize)
    return ShapeDifference.between(shape, stored)
  }

  /// How many rows of the vocabulary a model has that the weights do not have.
  func missingRows(of shape: ModelShape) -> Int { max(0, shape.vocabSize - ModelShape(config).vocabSize) }

  /// - Throws: ``TrainerError`` with each difference.
  func check(_ shape: ModelShape) throws {
    let file = FilePath.join(folder, HuggingFaceConfig.fileName)
    let differences = differences(from: shape)
    guard differences.isEmpty else { throw TrainerError(differences.map { "\(file): \($0)" }) }
  }
}
