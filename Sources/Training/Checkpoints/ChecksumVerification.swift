/// Holds the files of a folder against the checksums that were taken when they were written.
///
/// Large files are not read a second time for it: what a reader reads of them anyway is summed on the way, piece by piece, and
/// only what it has left out is read in the end.
package final class ChecksumVerification: Sendable {
  package let folder: String
  private let list: ChecksumList
  private let summed: [String: SummedPieces]

  /// Reads the list of a folder and verifies all but its tensors.
  ///
  /// - Returns: `nil` where the folder has no list.
  /// - Throws: ``SystemError``; ``CheckpointError`` for a file that is missing or another than was written.
  package init?(folder: String) throws {
    guard let list = try ChecksumList(folder: folder) else { return nil }
    self.folder = folder
    self.list = list
    summed = list.files.keys.filter(Self.isLarge).reduce(into: [:]) { $0[$1] = SummedPieces() }
    for name in list.files.keys.sorted() where !Self.isLarge(name) { try verify(name) }
  }

  private static func isLarge(_ name: String) -> Bool { name.hasSuffix(".safetensors") }

  /// Where the pieces of a file that is being read are summed; `nil` for one that the list does not name.
  func pieces(of path: String) -> SummedPieces? {
    FilePath.parent(of: path) == folder || FilePath.join(folder, FilePath.name(of: path)) == path
      ? summed[FilePath.name(of: path)] : nil
  }

  /// Verifies the files that have been read.
  ///
  /// - Throws: ``SystemError``, ``CheckpointError``.
  package func verifyWhatWasRead() throws {
    for (name, pieces) in summed.sorted(by: { $0.key < $1.key }) where !pieces.isEmpty { try verify(name) }
  }

  /// Verifies every file of the list, whether or not it has been read.
  ///
  /// - Returns: their names.
  /// - Throws: ``SystemError``, ``CheckpointError``.
  package func verifyAll() throws -> [String] {
    let names = list.files.keys.sorted()
    for name in names { try verify(name) }
    return names
  }

  private func verify(_ name: String) throws {
    guard let expected = list.files[name] else { return }
    let path = FilePath.join(folder, name)
    let file: FileReader
    do { file = try FileReader(path) } catch let error as SystemError where error.isMissingFile {
      throw CheckpointError.malformed(path: path, message: "is missing, but \(ChecksumList.fileName) names it")
    }
    let found = try (summed[name] ?? SummedPieces()).sum(ofWhole: file)
    guard found == expected else {
      let reason =
        found.count == expected.count
        ? "the checksum of its \(found.count) bytes is \(found), was \(expected)"
        : "it has \(found.count) bytes, had \(expected.count)"
      throw CheckpointError.malformed(path: path, message: "is damaged: \(reason) when the checkpoint was written")
    }
  }
}

/// The checksums of the pieces of one file that have been read.
///
/// For one reader at a time, as the engine loads.
package final class SummedPieces: @unchecked Sendable {
  private var pieces: [Int: Checksum] = [:]
  /// Where the piece begins that was read last.
  private var last = 0

  var isEmpty: Bool { pieces.isEmpty }

  func add(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    // What goes on where the last piece ended is one with it.
    if let piece = pieces[last], last + piece.count == offset {
      pieces[last]?.append(bytes)
    } else if pieces[offset] == nil {
      // What is read twice counts once.
      pieces[offset] = Checksum(bytes)
      last = offset
    }
  }

  /// The checksum of the whole file: of the pieces, and of what lies between them, which is read now.
  fileprivate func sum(ofWhole file: FileReader) throws -> Checksum {
    var sum = Checksum()
    func read(to end: Int) throws {
      while sum.count < end {
        let next = min(end, sum.count + Self.bytesAtATime)
        try file.bytes(sum.count..<next).withUnsafeBytes { sum.append($0) }
      }
    }
    for (offset, piece) in pieces.sorted(by: { $0.key < $1.key })
    where offset >= sum.count && offset + piece.count <= file.count {
      try read(to: offset)
      sum.append(piece)
    }
    try read(to: file.count)
    return sum
  }

  private static let bytesAtATime = 1 << 18
}
