/// The files of one checkpoint: what transformers loads, and what resuming needs beside it.
package struct CheckpointContents {
  package static let optimizerFileName = "optimizer.safetensors"

  /// Under Hugging Face's names.
  package var model: [TensorToWrite]
  package var config: HuggingFaceConfig
  /// Moments, momentum, and fp32 master weights where the model's own tensors are stored narrower: a resumed run must
  /// be bit-identical.
  package var optimizer: [TensorToWrite]
  package var state: TrainerState
  /// Further small files, such as `adapter_config.json`, by name.
  package var texts: [String: String]
  package var maximumShardBytes = 5_000_000_000

  package init(
    model: [TensorToWrite], config: HuggingFaceConfig, optimizer: [TensorToWrite], state: TrainerState,
    texts: [String: String] = [:]
  ) {
    self.model = model
    self.config = config
    self.optimizer = optimizer
    self.state = state
    self.texts = texts
  }

  /// Writes and synchronizes all files; to be called by ``CheckpointDirectory/save(iteration:keeping:_:)``.
  /// - Throws: ``SystemError``, ``SafetensorsError``.
  package func write(to folder: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws {
    try ModelWeights.write(model, to: folder, maximumShardBytes: maximumShardBytes, fileSystem)
    try config.write(to: folder, fileSystem)
    if !optimizer.isEmpty {
      try SafetensorsWriter.write(
        optimizer, to: FilePath.join(folder, Self.optimizerFileName), metadata: [:], fileSystem)
    }
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      let writer = try FileWriter(FilePath.join(folder, name), fileSystem)
      try writer.write(text)
      try writer.finish()
    }
    try state.write(to: folder, fileSystem)
  }
}

/// An opened checkpoint folder, its headers checked and nothing read yet.
package struct OpenedCheckpoint {
  package let folder: String
  package let model: ModelWeights
  package let config: HuggingFaceConfig
  /// `nil` in a directory that is no checkpoint of ours.
  package let optimizer: SafetensorsFile?
  package let state: TrainerState?

  /// Opens one of our checkpoints, or any `DeepseekV3ForCausalLM` directory.
  /// - Throws: ``SystemError``, ``SafetensorsError``, ``HuggingFaceConfigError``, ``CheckpointError``.
  package init(folder: String) throws {
    self.folder = folder
    config = try HuggingFaceConfig(file: FilePath.join(folder, HuggingFaceConfig.fileName))
    model = try ModelWeights(directory: folder)
    let has = { (name: String) in POSIXFileSystem().kind(FilePath.join(folder, name)) != nil }
    optimizer =
      has(CheckpointContents.optimizerFileName)
      ? try SafetensorsFile(FilePath.join(folder, CheckpointContents.optimizerFileName)) : nil
    state = has(TrainerState.fileName) ? try TrainerState(folder: folder) : nil
  }
}
