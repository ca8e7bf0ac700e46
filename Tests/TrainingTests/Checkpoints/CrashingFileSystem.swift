@testable import Training

/// A file system that dies at its n-th operation, as a killed process or a lost power supply would: that operation is
/// done by half, everything after it fails, clean-up included, and files that were never synchronized lose their content.
final class CrashingFileSystem: FileSystem, @unchecked Sendable {  // used by one thread
  struct Crash: Error {}

  private let real = POSIXFileSystem()
  private let limit: Int
  private(set) var operations = 0
  private var unsynchronized: Set<String> = []
  private let failure: (any Error)?

  /// - Parameter failure: what operations throw from the n-th on while `limit` alone is reached; `nil` to crash.
  init(dyingAt limit: Int) {
    self.limit = limit
    failure = nil
  }

  /// Only writing operations fail with that error, from the n-th operation on: a full disk.
  init(failingAt limit: Int, with error: any Error) {
    self.limit = limit
    failure = error
  }

  var died: Bool { operations > limit }

  /// Counts an operation; `partly` is what of it still happens when the process dies in it.
  private func step(writes: Bool = false, partly: () throws -> Void = {}) throws {
    operations += 1
    guard operations > limit else { return }
    if let failure {
      if writes { throw failure }
      return
    }
    if operations == limit + 1 {
      try? partly()
      for path in unsynchronized where real.kind(path) == .file {
        if let file = try? real.create(path) { try? real.close(file, path) }
      }
    }
    throw Crash()
  }

  func createDirectory(_ path: String) throws {
    try step(writes: true)
    try real.createDirectory(path)
  }

  func create(_ path: String) throws -> Int32 {
    try step(writes: true)
    unsynchronized.insert(path)
    return try real.create(path)
  }

  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
    try step(writes: true) { try real.write(half, to: descriptor, path) }
    try real.write(bytes, to: descriptor, path)
  }

  func synchronize(_ descriptor: Int32, _ path: String) throws {
    try step(writes: true)
    try real.synchronize(descriptor, path)
    unsynchronized.remove(path)
  }

  func close(_ descriptor: Int32, _ path: String) throws {
    // A dead process has no open files: the real descriptor must not leak.
    defer { try? real.close(descriptor, path) }
    try step()
  }

  func synchronizeDirectory(_ path: String) throws {
    try step()
    try real.synchronizeDirectory(path)
  }

  func rename(_ path: String, to target: String) throws {
    try step(writes: true)
    try real.rename(path, to: target)
    let moved = unsynchronized.filter { $0 == path || $0.hasPrefix(path + "/") }
    unsynchronized.subtract(moved)
    unsynchronized.formUnion(moved.map { target + $0.dropFirst(path.count) })
  }

  func removeFile(_ path: String) throws {
    try step()
    try real.removeFile(path)
    unsynchronized.remove(path)
  }

  func removeDirectory(_ path: String) throws {
    try step()
    try real.removeDirectory(path)
  }

  func list(_ path: String) throws -> [String] { try real.list(path) }
  func kind(_ path: String) -> FileKind? { real.kind(path) }
  func isLink(_ path: String) -> Bool { real.isLink(path) }
}
