/// A folder that a run saves checkpoints in: `iter_0000100/` folders, and a file that names the latest. Megatron's and the
/// CPU engine's are laid out alike.
package enum CheckpointFolder {
  /// What a checkpoint says of the run that wrote it.
  package enum Description: Hashable, Sendable {
    /// The path of Megatron-Bridge's `run_config.yaml`: a ConfigContainer.
    case runConfig(String)
    /// The path of the CPU engine's `trainer_state.json`, which holds the values of a launch config.
    case trainerState(String)
  }

  package static let runConfigName = "run_config.yaml"
  package static let trainerStateName = "trainer_state.json"
  private static let trackerName = "latest_checkpointed_iteration.txt"
  private static let prefix = "iter_"

  /// What describes the run of the checkpoint that is loaded; `nil` where nothing does.
  ///
  /// - Parameters:
  ///   - path: the folder, or that of one checkpoint.
  ///   - step: that of the checkpoint, where not the latest is asked for.
  package static func description(in path: String, step: Int?) -> Description? {
    let checkpoint = step.map { path + "/" + folderName("\($0)") } ?? latest(in: path) ?? path
    let (runConfig, state) = (checkpoint + "/" + runConfigName, checkpoint + "/" + trainerStateName)
    if InputFile.exists(runConfig) { return .runConfig(runConfig) }
    return InputFile.exists(state) ? .trainerState(state) : nil
  }

  private static func latest(in path: String) -> String? {
    let tracker = (try? InputFile.read(path + "/" + trackerName, limit: 64)).map { String(decoding: $0, as: UTF8.self) }
    if let word = tracker?.split(whereSeparator: \.isWhitespace).first, let step = Int(word) {
      return path + "/" + folderName("\(step)")
    }
    // Newer releases track the latest in a file of PyTorch's; the folders are numbered all the same.
    let newest = FolderListing.entries(of: path).filter { $0.isFolder && $0.name.hasPrefix(prefix) }
      .compactMap { entry in Int(entry.name.dropFirst(prefix.utf8.count)).map { (step: $0, name: entry.name) } }
      .max { $0.step < $1.step }
    return newest.map { path + "/" + $0.name }
  }

  /// Seven digits, more where needed.
  private static func folderName(_ digits: String) -> String {
    prefix + String(repeating: "0", count: max(0, 7 - digits.utf8.count)) + digits
  }
}
