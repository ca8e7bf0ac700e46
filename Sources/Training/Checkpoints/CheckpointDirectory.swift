#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The `checkpoints` folder of a run: `iter_0000100/` folders and `latest_checkpointed_iteration.txt`, as Megatron
/// names them.
///
/// A kill at any moment leaves the last tracked checkpoint whole. A save writes into a folder with a temporary name,
/// synchronizes its files and the folder, renames it into place and synchronizes the parent; only then the tracker is
/// replaced in the same way. What a killed run left over is repaired or removed when the next one opens the folder.
package struct CheckpointDirectory: Sendable {
  package static let trackerName = "latest_checkpointed_iteration.txt"

  package let path: String
  private let fileSystem: any FileSystem

  package init(_ path: String, _ fileSystem: any FileSystem = POSIXFileSystem()) {
    self.path = path
    self.fileSystem = fileSystem
  }

  // MARK: Names

  /// `iter_0000100`: seven digits, more where needed.
  package static func folderName(_ iteration: Int) -> String {
    let digits = String(iteration)
    return "iter_" + String(repeating: "0", count: max(0, 7 - digits.utf8.count)) + digits
  }

  private static func iteration(ofFolder name: some StringProtocol) -> Int? {
    guard name.hasPrefix("iter_"), let number = Int(name.dropFirst(5)), number >= 0, folderName(number) == name else {
      return nil
    }
    return number
  }

  /// A folder that is being written.
  private static let writing = ".writing"
  /// The older of two checkpoints of one iteration, put aside until the newer one is in place.
  private static let replaced = ".replaced"

  package func folder(_ iteration: Int) -> String { FilePath.join(path, Self.folderName(iteration)) }
  private var tracker: String { FilePath.join(path, Self.trackerName) }

  // MARK: Reading

  /// The iteration that the tracker names; `nil` where there is no tracker.
  /// - Throws: ``SystemError``, ``CheckpointError`` for a tracker that is no number.
  package func latestIteration() throws -> Int? {
    guard fileSystem.kind(tracker) != nil else { return nil }
    let file = try FileReader(tracker)
    let content = String(decoding: try file.bytes(0..<min(file.count, 64)), as: UTF8.self)
    let word = content.drop { $0.isWhitespace }.prefix { !$0.isWhitespace }
    guard let iteration = Int(word), iteration >= 0 else {
      throw CheckpointError.malformedTracker(path: tracker, content: String(word))
    }
    return iteration
  }

  /// All complete checkpoints, ascending.
  package func iterations() throws -> [Int] {
    guard fileSystem.kind(path) == .directory else { return [] }
    return try fileSystem.list(path).compactMap { Self.iteration(ofFolder: $0) }.sorted()
  }

  /// The folder to load from.
  /// - Parameter iteration: `nil` for the one that the tracker names.
  /// - Throws: ``CheckpointError`` where it is not there, with those that are.
  package func existing(_ iteration: Int? = nil) throws -> (iteration: Int, folder: String) {
    guard let wanted = try iteration ?? latestIteration() else { throw CheckpointError.noCheckpoint(path: path) }
    guard fileSystem.kind(folder(wanted)) == .directory else {
      // A save of the same iteration was killed between its two renames.
      let aside = folder(wanted) + Self.replaced
      if fileSystem.kind(aside) == .directory { return (wanted, aside) }
      throw CheckpointError.missingIteration(path: tracker, iteration: wanted, present: try iterations())
    }
    return (wanted, folder(wanted))
  }

  /// The newest checkpoint that is whole, where no tracker says which one to load: somebody lost it, and a run that began
  /// anew would overwrite what the lost one stood for. `nil` where there is no checkpoint at all.
  ///
  /// - Parameter isWhole: looks into a folder; what it throws is why the folder is none.
  /// - Throws: ``CheckpointError/noneWhole(path:reasons:)`` where there are checkpoints and none is whole.
  package func newestWhole(
    _ isWhole: (_ iteration: Int, _ folder: String) throws -> Void
  ) throws -> (iteration: Int, folder: String)? {
    var reasons: [String] = []
    for iteration in try iterations().reversed() {
      do {
        try isWhole(iteration, folder(iteration))
        return (iteration, folder(iteration))
      } catch { reasons.append("\(error)") }
    }
    guard reasons.isEmpty else { throw CheckpointError.noneWhole(path: path, reasons: reasons) }
    return nil
  }

  // MARK: Writing

  /// Prepares the folder for a run that will save: creates it, takes its lock, repairs and removes leftovers.
  /// - Returns: the lock; hold it as long as the run lasts. The kernel frees it when the process ends, however it ends.
  /// - Throws: ``SystemError``, ``CheckpointError/inUse(path:)``.
  package func openForWriting() throws -> FileLock {
    try fileSystem.createDirectories(path)
    let lock = try FileLock(FilePath.join(path, ".lock"), guarding: path)
    try cleanLeftovers()
    return lock
  }

  /// Puts back what a killed save had set aside, and removes what it had not finished.
  package func cleanLeftovers() throws {
    for name in try fileSystem.list(path) {
      let place = FilePath.join(path, name)
      if name.hasSuffix(Self.replaced), let number = Self.iteration(ofFolder: name.dropLast(Self.replaced.utf8.count)) {
        if fileSystem.kind(folder(number)) == nil {
          try fileSystem.rename(place, to: folder(number))
          try fileSystem.synchronizeDirectory(path)
        } else {
          try fileSystem.removeTree(place)
        }
      } else if name == Self.trackerName + ".tmp"
        || name.hasSuffix(Self.writing) && Self.iteration(ofFolder: name.dropLast(Self.writing.utf8.count)) != nil
      {
        try fileSystem.removeTree(place)
      }
    }
  }

  /// Saves one checkpoint and makes it the latest.
  /// - Parameters:
  ///   - keeping: how many of the most recent checkpoints stay (Megatron-Bridge's `most_recent_k`); `nil` or a number
  ///     below 1 keeps all. A failure to remove an older one is no failure of the save.
  ///   - write: writes the files into the given folder through the given file system, which takes their checksums. It must
  ///     finish its writers.
  /// - Throws: ``CheckpointError/diskFull(path:lastCheckpoint:)``, ``SystemError``, what `write` throws. The temporary
  ///   folder is gone then, and the tracker names what it named before.
  package func save(
    iteration: Int, keeping: Int? = nil, _ write: (_ folder: String, _ fileSystem: any FileSystem) throws -> Void
  ) throws {
    let temporary = folder(iteration) + Self.writing
    do {
      try fileSystem.createDirectories(path)
      try fileSystem.removeTree(temporary)
      try fileSystem.createDirectory(temporary)
      let summing = ChecksummedFileSystem(fileSystem)
      try write(temporary, summing)
      try summing.list.write(to: temporary, fileSystem)
      try fileSystem.synchronizeDirectory(temporary)
      try place(temporary, iteration)
      try fileSystem.replaceFile(tracker, with: "\(iteration)\n")
    } catch {
      try? fileSystem.removeTree(temporary)
      if let error = error as? SystemError, error.isDiskFull {
        throw CheckpointError.diskFull(path: temporary, lastCheckpoint: (try? latestIteration()) ?? nil)
      }
      throw error
    }
    try? fileSystem.removeTree(folder(iteration) + Self.replaced)
    if let keeping, keeping >= 1 { removeOlder(than: iteration, keeping: keeping) }
  }

  /// Renames a finished folder into place; a checkpoint of the same iteration steps aside first.
  private func place(_ temporary: String, _ iteration: Int) throws {
    let target = folder(iteration)
    let aside = target + Self.replaced
    if fileSystem.kind(target) != nil {
      try fileSystem.removeTree(aside)
      try fileSystem.rename(target, to: aside)
      do { try fileSystem.rename(temporary, to: target) } catch {
        try? fileSystem.rename(aside, to: target)
        throw error
      }
    } else {
      try fileSystem.rename(temporary, to: target)
    }
    try fileSystem.synchronizeDirectory(path)
  }

  private func removeOlder(than latest: Int, keeping: Int) {
    guard let present = try? iterations() else { return }
    for iteration in present.filter({ $0 < latest }).dropLast(keeping - 1) {
      // Under another name first: half a folder must not look like a checkpoint.
      let doomed = folder(iteration) + Self.writing
      guard (try? fileSystem.rename(folder(iteration), to: doomed)) != nil else { continue }
      try? fileSystem.removeTree(doomed)
    }
  }
}

/// An exclusive lock on a file, freed with the last reference or the process.
package final class FileLock: Sendable {
  private let descriptor: Int32

  /// - Throws: ``SystemError``, ``CheckpointError/inUse(path:)`` where somebody else holds it.
  init(_ path: String, guarding directory: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw SystemError(.create, path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      // Some network file systems have no locks; the run goes on without.
      if code == EWOULDBLOCK { throw CheckpointError.inUse(path: directory) }
      throw SystemError(.lock, path, code: code)
    }
  }

  deinit { close(descriptor) }
}
