/// Writes PREFIX.bin and PREFIX.idx as Megatron's `IndexedDatasetBuilder` does, byte for byte.
///
/// Both files appear under their names only when they are whole.
package final class IndexedDatasetWriter {
  package let prefix: String
  package let type: IndexedDataset.TokenType
  private let fileSystem: any FileSystem
  private let tokens: FileWriter
  private var lengths: [Int32] = []
  private var documents: [Int64] = [0]
  private static let temporary = ".writing"

  /// - Throws: ``SystemError``.
  package init(
    _ prefix: String, type: IndexedDataset.TokenType, _ fileSystem: any FileSystem = POSIXFileSystem()
  ) throws {
    self.prefix = prefix
    self.type = type
    self.fileSystem = fileSystem
    tokens = try FileWriter(prefix + ".bin" + Self.temporary, fileSystem)
  }

  /// Appends a document of one sequence.
  /// - Throws: ``SystemError``, ``DatasetError`` for a token that the type cannot hold.
  package func append(_ document: [Int32]) throws {
    switch type {
    case .uint8: try write(document, as: UInt8.self)
    case .int8: try write(document, as: Int8.self)
    case .int16: try write(document, as: Int16.self)
    case .uint16: try write(document, as: UInt16.self)
    case .int32: try write(document, as: Int32.self)
    case .int64: try write(document, as: Int64.self)
    case .float32, .float64: throw DatasetError("tokens are not written as \(type)", file: prefix + ".bin")
    }
    guard let length = Int32(exactly: document.count) else {
      throw DatasetError("a document of \(document.count) tokens is too long", file: prefix + ".idx")
    }
    lengths.append(length)
    documents.append(Int64(lengths.count))
  }

  private func write<Integer: FixedWidthInteger>(_ document: [Int32], as: Integer.Type) throws {
    let stored = try document.map { token in
      guard let value = Integer(exactly: token) else {
        throw DatasetError("token \(token) does not fit \(type)", file: prefix + ".bin")
      }
      return value.littleEndian
    }
    try stored.withUnsafeBytes { try tokens.write($0) }
  }

  /// Writes the index and puts both files under their names.
  /// - Returns: documents and tokens written.
  @discardableResult
  package func finish() throws -> (documents: Int, tokens: Int) {
    try tokens.finish()
    let index = try FileWriter(prefix + ".idx" + Self.temporary, fileSystem)
    try IndexedDataset.magic.withUnsafeBytes { try index.write($0) }
    try put(UInt64(1), index)
    try put(type.rawValue, index)
    try put(UInt64(lengths.count), index)
    try put(UInt64(documents.count), index)
    try lengths.map(\.littleEndian).withUnsafeBytes { try index.write($0) }
    var offset: Int64 = 0
    for length in lengths {
      try put(offset, index)
      offset += Int64(length) * Int64(type.size)
    }
    try documents.map(\.littleEndian).withUnsafeBytes { try index.write($0) }
    try index.finish()
    // Together they are not one step; an index without its tokens, or with those of another text, would be the worse half
    // to be left with.
    if fileSystem.kind(prefix + ".idx") != nil { try fileSystem.removeFile(prefix + ".idx") }
    try fileSystem.rename(tokens.path, to: prefix + ".bin")
    try fileSystem.rename(index.path, to: prefix + ".idx")
    try fileSystem.synchronizeDirectory(FilePath.parent(of: prefix))
    return (lengths.count, Int(offset) / type.size)
  }

  private func put(_ value: some FixedWidthInteger, _ writer: FileWriter) throws {
    try withUnsafeBytes(of: value.littleEndian) { try writer.write($0) }
  }

  /// Removes what was written so far, after a failure.
  package func discard() {
    for name in [".bin", ".idx"] { try? fileSystem.removeTree(prefix + name + Self.temporary) }
  }
}

/// `moonlight-trainer prepare`: JSON lines to Megatron's indexed data, as `preprocess_data.py`.
package enum IndexedDatasetPreparation {
  /// - Parameter prefix: the output's prefix without suffix; Megatron's naming adds `_text_document`, see ``outputPrefix(_:key:)``.
  /// - Returns: documents and tokens written.
  /// - Throws: ``SystemError``, ``DatasetError`` with the line's number. Nothing is left then.
  package static func run(
    inputs: [String], prefix: String, key: String = "text", tokenizer: any Tokenizer, appendEOD: Bool = true
  ) throws -> (documents: Int, tokens: Int) {
    let writer = try IndexedDatasetWriter(prefix, type: .optimal(vocabularySize: tokenizer.vocabularySize))
    do {
      for input in inputs {
        try DocumentsInMemory.readText(input, key: key, tokenizer: tokenizer, appendEOD: appendEOD) {
          // preprocess_data.py writes no empty document.
          if !$0.isEmpty { try writer.append($0) }
        }
      }
      return try writer.finish()
    } catch {
      writer.discard()
      throw error
    }
  }

  /// The prefix under which Megatron stores the documents of a key: `data` becomes `data_text_document`.
  package static func outputPrefix(_ prefix: String, key: String = "text") -> String { "\(prefix)_\(key)_document" }
}
