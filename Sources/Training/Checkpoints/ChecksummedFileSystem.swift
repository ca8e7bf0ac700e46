/// Takes the checksum of every file that is written through it.
///
/// Not for concurrent use.
final class ChecksummedFileSystem: FileSystem, @unchecked Sendable {
  private let base: any FileSystem
  private var open: [Int32: (name: String, sum: Checksum)] = [:]
  /// Of the files that were written and closed, by their names.
  private(set) var list = ChecksumList()

  init(_ base: any FileSystem) { self.base = base }

  func create(_ path: String) throws -> Int32 {
    let descriptor = try base.create(path)
    open[descriptor] = (FilePath.name(of: path), Checksum())
    return descriptor
  }

  func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
    try base.write(bytes, to: descriptor, path)
    open[descriptor]?.sum.append(bytes)
  }

  func close(_ descriptor: Int32, _ path: String) throws {
    if let file = open.removeValue(forKey: descriptor) { list.files[file.name] = file.sum }
    try base.close(descriptor, path)
  }

  func createDirectory(_ path: String) throws { try base.createDirectory(path) }
  func synchronize(_ descriptor: Int32, _ path: String) throws { try base.synchronize(descriptor, path) }
  func synchronizeDirectory(_ path: String) throws { try base.synchronizeDirectory(path) }
  func rename(_ path: String, to target: String) throws { try base.rename(path, to: target) }
  func removeFile(_ path: String) throws { try base.removeFile(path) }
  func removeDirectory(_ path: String) throws { try base.removeDirectory(path) }
  func list(_ path: String) throws -> [String] { try base.list(path) }
  func kind(_ path: String) -> FileKind? { base.kind(path) }
  func isLink(_ path: String) -> Bool { base.isLink(path) }
}
