/// A file being written through a buffer. ``finish()`` puts it on the disk; a writer that goes without it leaves a
/// partial file, which belongs to a temporary name.
package final class FileWriter {
  package let path: String
  private let fileSystem: any FileSystem
  private var descriptor: Int32?
  private var buffer: [UInt8] = []
  private static let capacity = 1 << 20

  package init(_ path: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws {
    self.path = path
    self.fileSystem = fileSystem
    descriptor = try fileSystem.create(path)
  }

  deinit {
    if let descriptor { try? fileSystem.close(descriptor, path) }
  }

  package func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > Self.capacity { try flush() }
    if bytes.count >= Self.capacity {
      guard let descriptor else { return }
      try fileSystem.write(bytes, to: descriptor, path)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  private func flush() throws {
    guard let descriptor, !buffer.isEmpty else { return }
    try buffer.withUnsafeBytes { try fileSystem.write($0, to: descriptor, path) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes what is left, synchronizes and closes.
  package func finish() throws {
    guard let descriptor else { return }
    try flush()
    try fileSystem.synchronize(descriptor, path)
    self.descriptor = nil
    try fileSystem.close(descriptor, path)
  }
}
