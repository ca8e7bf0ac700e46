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
  /// kill cut short are removed. Damaged lines between good ones stay: what follows them is worth having.
  /// - Parameter resumedStep: 0 begins anew.
  /// - Throws: ``SystemError``, also for what is no regular file.
  package init(_ path: String, resumedStep: Int = 0) throws {
    self.path = path
    let keep = resumedStep > 0 ? try Self.lengthUp(to: resumedStep, path) : 0
    descriptor = try RegularFile.open(path, O_WRONLY | O_CREAT)
    guard ftruncate(descriptor, off_t(keep)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      let error = SystemError(.write, path)
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

  /// The bytes up to the last readable line of a step that is not behind `step`.
  private static func lengthUp(to step: Int, _ path: String) throws -> Int {
    guard POSIXFileSystem().kind(path) == .file else { return 0 }
    var length = 0
    try eachLine(path) { line, end in
      guard let line else { return true }
      if line.step > step { return false }
      length = end
      return true
    }
    return length
  }

  /// What a file of metrics holds.
  package struct Content: Sendable {
    /// Front to back.
    package var steps: [StepMetrics] = []
    /// Whole lines that cannot be read.
    package var damagedLines = 0
  }

  /// All whole lines. A damaged one is passed over, and what follows it is read.
  /// - Throws: ``SystemError``.
  package static func content(_ path: String) throws -> Content {
    var content = Content()
    try eachLine(path) { line, _ in
      if let line { content.steps.append(line) } else { content.damagedLines += 1 }
      return true
    }
    return content
  }

  /// The steps of ``content(_:)``.
  package static func read(_ path: String) throws -> [StepMetrics] { try content(path).steps }

  /// Gives out whole lines, `nil` for a damaged one, with the offset behind each, until `body` says `false`.
  private static func eachLine(_ path: String, _ body: (StepMetrics?, Int) -> Bool) throws {
    try FileReader.contents(path).withUnsafeBytes { bytes in
      var start = 0
      while let end = bytes[start...].firstIndex(of: 0x0A) {
        var cursor = JSONCursor(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        guard body(try? StepMetrics(&cursor), end + 1) else { return }
        start = end + 1
      }
    }
  }
}

/// The C function, which methods of that name would hide.
private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
