/// Megatron's tokenized data: PREFIX.idx, which is held in memory, and PREFIX.bin, of which samples are read.
///
/// Layout of the index (megatron/core/datasets/indexed_dataset.py), little-endian, no padding: "MMIDIDX" and two zero
/// bytes; u64 version 1; u8 type; u64 N sequences; u64 M document indices; N i32 lengths in tokens; N i64 byte offsets
/// into .bin; M i64 document indices from 0 to N. Multimodal files end with N i8 modes. The header of 34 bytes leaves
/// nothing aligned.
package struct IndexedDataset: TokenDocuments {
  static let magic: [UInt8] = Array("MMIDIDX".utf8) + [0, 0]
  static let headerBytes = 34

  /// The type of the tokens in .bin, by Megatron's codes.
  package enum TokenType: UInt8, Sendable, CaseIterable {
    case uint8 = 1
    case int8 = 2
    case int16 = 3
    case int32 = 4
    case int64 = 5
    case float64 = 6
    case float32 = 7
    case uint16 = 8

    package var size: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16, .uint16: 2
      case .int32, .float32: 4
      case .int64, .float64: 8
      }
    }

    /// What Megatron's `DType.optimal_dtype` picks: the narrowest type below 65500 entries.
    package static func optimal(vocabularySize: Int) -> TokenType { vocabularySize < 65_500 ? .uint16 : .int32 }
  }

  /// The path without `.bin` or `.idx`.
  package let prefix: String
  package let type: TokenType
  package let count: Int
  /// Documents + 1.
  package let documentIndexCount: Int
  private let index: [UInt8]
  private let tokens: FileReader

  package var name: String { prefix }

  /// Opens both files and checks every length, offset and document index.
  /// - Parameter path: the prefix, or the path of either file.
  /// - Throws: ``SystemError``, ``DatasetError``.
  package init(_ path: String) throws {
    prefix = Self.prefix(path)
    let indexPath = prefix + Self.indexSuffix
    index = try FileReader.contents(indexPath)
    tokens = try FileReader(prefix + Self.tokenSuffix)
    (type, count, documentIndexCount) = try index.withUnsafeBytes { try Self.checkHeader($0, indexPath) }
    try checkSequences(indexPath)
    try checkDocuments(indexPath)
  }

  private static let (indexSuffix, tokenSuffix) = (".idx", ".bin")

  private static func prefix(_ path: String) -> String {
    path.hasSuffix(tokenSuffix) || path.hasSuffix(indexSuffix) ? String(path.dropLast(4)) : path
  }

  /// The two files that a path means.
  static func files(_ path: String) -> [String] { [indexSuffix, tokenSuffix].map { prefix(path) + $0 } }

  private static func checkHeader(_ bytes: UnsafeRawBufferPointer, _ path: String) throws -> (TokenType, Int, Int) {
    guard bytes.count >= headerBytes else {
      throw DatasetError("the index has \(bytes.count) bytes; its header alone needs \(headerBytes)", file: path)
    }
    guard bytes.starts(with: magic) else {
      throw DatasetError("this is no Megatron index: MMIDIDX is missing", file: path)
    }
    let version = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 9, as: UInt64.self))
    guard version == 1 else { throw DatasetError("the index has version \(version); 1 is read", file: path) }
    guard let type = TokenType(rawValue: bytes[17]) else {
      throw DatasetError("the index has the unknown token type \(bytes[17])", file: path)
    }
    guard type != .float32, type != .float64 else {
      throw DatasetError("the index says that tokens are of type \(type)", file: path)
    }
    let sequences = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 18, as: UInt64.self))
    let documents = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 26, as: UInt64.self))
    // A count above the file's own size cannot be true, and below it nothing overflows.
    guard sequences <= bytes.count, documents <= bytes.count else {
      throw DatasetError("the index claims \(sequences) sequences and \(documents) document indices", file: path)
    }
    let needed = headerBytes + 12 * Int(sequences) + 8 * Int(documents)
    guard bytes.count == needed || bytes.count == needed + Int(sequences) else {
      throw DatasetError(
        "the index has \(bytes.count) bytes; \(sequences) sequences and \(documents) document indices need \(needed)",
        file: path)
    }
    return (type, Int(sequences), Int(documents))
  }

  private func checkSequences(_ path: String) throws {
    for sequence in 0..<count {
      let length = length(sequence)
      let offset = offset(sequence)
      guard length >= 0, offset >= 0 else {
        throw DatasetError("sequence \(sequence) has length \(length) and offset \(offset)", file: path)
      }
      let (end, overflow) = offset.addingReportingOverflow(length * type.size)
      guard !overflow, end <= tokens.count else {
        throw DatasetError(
          "sequence \(sequence) of \(length) tokens at byte \(offset) ends behind the \(tokens.count) bytes of "
            + "\(prefix).bin", file: path)
      }
    }
  }

  private func checkDocuments(_ path: String) throws {
    var last = 0
    for index in 0..<documentIndexCount {
      let value = documentIndex(index)
      guard value >= last, value <= count, index > 0 || value == 0 else {
        throw DatasetError("document index \(index) is \(value) after \(last), of \(count) sequences", file: path)
      }
      last = value
    }
    guard documentIndexCount == 0 && count == 0 || documentIndexCount > 0 && last == count else {
      throw DatasetError("the document indices end at \(last), not at the \(count) sequences", file: path)
    }
  }

  package func length(_ sequence: Int) -> Int {
    index.withUnsafeBytes {
      Int(Int32(littleEndian: $0.loadUnaligned(fromByteOffset: Self.headerBytes + 4 * sequence, as: Int32.self)))
    }
  }

  private func offset(_ sequence: Int) -> Int { int64(Self.headerBytes + 4 * count + 8 * sequence) }

  /// The number of sequences before a document.
  package func documentIndex(_ index: Int) -> Int { int64(Self.headerBytes + 12 * count + 8 * index) }

  private func int64(_ place: Int) -> Int {
    index.withUnsafeBytes { Int(Int64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Int64.self))) }
  }

  package func copy(_ sequence: Int, _ range: Range<Int>, to destination: UnsafeMutableBufferPointer<Int32>) throws {
    let start = offset(sequence) + range.lowerBound * type.size
    try tokens.bytes(start..<(start + range.count * type.size)).withUnsafeBytes { bytes in
      func token<Integer: FixedWidthInteger>(_ position: Int, _: Integer.Type) throws -> Int32 {
        let value = Integer(
          littleEndian: bytes.loadUnaligned(
            fromByteOffset: position * MemoryLayout<Integer>.size, as: Integer.self))
        guard let token = Int32(exactly: value), token >= 0 else {
          throw DatasetError("sequence \(sequence) holds the impossible token \(value)", file: prefix + ".bin")
        }
        return token
      }
      for position in 0..<range.count {
        destination[position] =
          switch type {
          case .uint8: try token(position, UInt8.self)
          case .int8: try token(position, Int8.self)
          case .int16: try token(position, Int16.self)
          case .uint16: try token(position, UInt16.self)
          case .int64: try token(position, Int64.self)
          default: try token(position, Int32.self)
          }
      }
    }
  }
}
