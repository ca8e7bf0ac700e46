/// Why a checkpoint cannot be written or read.
package enum CheckpointError: Error, Hashable, CustomStringConvertible {
  /// The disk or quota is full; the temporary folder is gone, the last checkpoint untouched.
  case diskFull(path: String, lastCheckpoint: Int?)
  /// Another run writes to the same folder.
  case inUse(path: String)
  case noCheckpoint(path: String)
  case malformedTracker(path: String, content: String)
  /// The tracker names an iteration whose folder is not there.
  case missingIteration(path: String, iteration: Int, present: [Int])
  /// There is no tracker, and no checkpoint that could be loaded.
  case noneWhole(path: String, reasons: [String])
  /// A file of the checkpoint says something impossible.
  case malformed(path: String, message: String)
  case unsupportedVersion(path: String, version: Int, supported: Int)

  package var description: String {
    switch self {
    case .diskFull(let path, let last):
      "there is no room for \(path); "
        + (last.map { "the checkpoint of iteration \($0) is untouched" } ?? "no earlier checkpoint exists")
    case .inUse(let path): "another run is writing to \(path)"
    case .noCheckpoint(let path): "\(path) holds no \(CheckpointDirectory.trackerName)"
    case .malformedTracker(let path, let content): "\(path) should hold an iteration number, not \"\(content)\""
    case .missingIteration(let path, let iteration, let present):
      "\(path) names iteration \(iteration), whose folder is not there; "
        + (present.isEmpty
          ? "there are no others" : "there are those of \(present.map(String.init).joined(separator: ", "))")
    case .noneWhole(let path, let reasons):
      "\(path) holds no \(CheckpointDirectory.trackerName) and no whole checkpoint: "
        + reasons.prefix(3).joined(separator: "; ")
    case .malformed(let path, let message): "\(path): \(message)"
    case .unsupportedVersion(let path, let version, let supported):
      "\(path) has format version \(version); this trainer reads \(supported)"
    }
  }
}
