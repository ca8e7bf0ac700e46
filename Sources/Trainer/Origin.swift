import LaunchModel
import Training

extension TrainingRun {
  /// What a run starts from.
  enum Origin {
    /// A checkpoint of ours to go on from; one that is named itself has its iteration by its own word.
    case checkpoint(iteration: Int?, folder: String)
    /// An adapter without a state to go on from, as the peft library writes it.
    case adapter(String)
    /// The pretrained weights, or new ones.
    case base

    /// - Parameter resume: `false` passes over checkpoints of ours.
    /// - Throws: ``CheckpointError`` for a checkpoint that is wanted and missing; ``SystemError``.
    init(_ config: LaunchConfig, resume: Bool, _ observer: any RunObserver) throws {
      self = .base
      guard let load = config.checkpoint.load else { return }
      if resume, let found = try Self.checkpoint(in: load, config, observer) {
        self = .checkpoint(iteration: found.iteration, folder: found.folder)
      } else if config.peft.isPresent, AdapterWeights.isAdapter(load) {
        self = .adapter(load)
      }
    }

    /// The folder of the adapter that is gone on from.
    var adapter: String? {
      switch self {
      case .checkpoint(_, let folder): AdapterWeights.isAdapter(folder) ? folder : nil
      case .adapter(let folder): folder
      case .base: nil
      }
    }

    /// Of a folder of checkpoints the wanted one or the latest, or one that is named itself; `nil` where there is none and
    /// none must be.
    private static func checkpoint(
      in folder: String, _ config: LaunchConfig, _ observer: any RunObserver
    ) throws -> (iteration: Int?, folder: String)? {
      let directory = CheckpointDirectory(folder)
      if let wanted = config.checkpoint.ckptStep { return try directory.existing(wanted) }
      if let latest = try directory.latestIteration() { return try directory.existing(latest) }
      if let newest = try directory.newestWhole({ try RunCheckpoint.checkWhole($1, iteration: $0) }) {
        observer.warned([
          "\(folder) has lost its \(CheckpointDirectory.trackerName): going on from the newest whole checkpoint there"
        ])
        return newest
      }
      if POSIXFileSystem().kind(FilePath.join(folder, TrainerState.fileName)) == .file { return (nil, folder) }
      if config.peft.isPresent, AdapterWeights.isAdapter(folder) { return nil }
      guard config.checkpoint.carried("exit_on_missing_checkpoint") != .bool(true) else {
        throw CheckpointError.noCheckpoint(path: folder)
      }
      if folder != config.checkpoint.save { observer.missed(checkpoint: folder) }
      return nil
    }
  }
}
