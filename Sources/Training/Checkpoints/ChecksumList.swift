/// The checksums of a checkpoint's files, kept beside them in `checksums.txt`: a line for each file, and the checksum of
/// these lines behind them.
package struct ChecksumList: Hashable, Sendable {
  package static let fileName = "checksums.txt"

  /// By the files' names.
  package var files: [String: Checksum]

  package init(files: [String: Checksum] = [:]) { self.files = files }

  private static let title = "CRC-32C, bytes and name of each file; the last line is the CRC-32C of those above\n"

  package var text: String {
    var text = Self.title
    for (name, sum) in files.sorted(by: { $0.key < $1.key }) { text += "\(sum) \(sum.count) \(name)\n" }
    return text + "\(text.checksum)\n"
  }

  /// Reads the list of a folder; `nil` where there is none.
  ///
  /// - Throws: ``SystemError``; ``CheckpointError`` for a list that is not to the byte what was written.
  package init?(folder: String) throws {
    let path = FilePath.join(folder, Self.fileName)
    guard POSIXFileSystem().kind(path) != nil else { return nil }
    let damaged = CheckpointError.malformed(path: path, message: "the list is damaged: its own checksum is another")
    let bytes = try FileReader.contents(path)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw damaged }
    files = [:]
    for line in text.split(separator: "\n").dropFirst().dropLast() {
      let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let count = Int(parts[1]), count >= 0, let sum = Checksum(parts[0], count: count),
        files.updateValue(sum, forKey: String(parts[2])) == nil, !parts[2].contains("/")
      else { throw damaged }
    }
    guard Array(self.text.utf8) == bytes else { throw damaged }
  }

  /// Writes `checksums.txt` into a folder.
  package func write(to folder: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws {
    let writer = try FileWriter(FilePath.join(folder, Self.fileName), fileSystem)
    try writer.write(text)
    try writer.finish()
  }
}

extension String {
  fileprivate var checksum: Checksum {
    var copy = self
    return copy.withUTF8 { Checksum(UnsafeRawBufferPointer($0)) }
  }
}
