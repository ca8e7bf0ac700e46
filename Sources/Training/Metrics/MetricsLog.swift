#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// `metrics.jsonl`: one object a step, each written at once, so that a kill loses no finished line.
package final class MetricsLog {
  package static let fileName = "metrics.jsonl"

  package let path: String
  private let descriptor: Int32
  private let fileSystem = POSIXFileSystem()

  /// Opens the log for steps behind `resumedStep`; later lines, which the resumed run writes anew, and a line that a
  /// kill cut short are removed.
  /// - Parameter resumedStep: 0 begins anew.
  /// - Throws: ``SystemError``.
  package init(_ path: String, resumedStep: Int = 0) throws {
    self.path = path
    let keep = resumedStep > 0 ? try Self.lengthUp(to: resumedStep, path) : 0
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw SystemError("create", path) }
    guard ftruncate(descriptor, off_t(keep)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      let error = SystemError("write", path)
      closeDescriptor(descriptor)
      throw error
    }
  }

  deinit { closeDescriptor(descriptor) }

  /// - Throws: ``SystemError``.
  package func append(_ metrics: StepMetrics) throws {
    let line = Array((metrics.json + "\n").utf8)
    try line.withUnsafeBytes { try fileSystem.write($0, to: descriptor, path) }
  }

  /// Returns when every line is on the disk: a checkpoint must not outlive the lines before it.
  /// - Throws: ``SystemError``.
  package func synchronize() throws { try fileSystem.synchronize(descriptor, path) }

  /// The bytes of the whole lines up to a step.
  private static func lengthUp(to step: Int, _ path: String) throws -> Int {
    guard POSIXFileSystem().kind(path) == .file else { return 0 }
    return try FileReader.contents(path).withUnsafeBytes { bytes in
      var start = 0
      while let end = bytes[start...].firstIndex(of: 0x0A) {
        var cursor = JSONCursor(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        guard let metrics = try? StepMetrics(&cursor), metrics.step <= step else { break }
        start = end + 1
      }
      return start
    }
  }

  /// All whole lines, front to back, up to the first that is none.
  /// - Throws: ``SystemError``.
  package static func read(_ path: String) throws -> [StepMetrics] {
    try FileReader.contents(path).withUnsafeBytes { bytes in
      var metrics: [StepMetrics] = []
      var start = 0
      while let end = bytes[start...].firstIndex(of: 0x0A) {
        var cursor = JSONCursor(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        guard let line = try? StepMetrics(&cursor) else { break }
        metrics.append(line)
        start = end + 1
      }
      return metrics
    }
  }
}

/// The C function, which methods of that name would hide.
private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
