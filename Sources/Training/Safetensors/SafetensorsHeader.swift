/// One tensor of a file: its type, its shape, and where its bytes lie behind the header.
package struct SafetensorsEntry: Hashable, Sendable {
  package let name: String
  package let type: SafetensorsType
  /// Outermost dimension first; empty for a scalar.
  package let shape: [Int]
  /// Byte offsets from the end of the header.
  package let range: Range<Int>

  package var elementCount: Int { range.count * 8 / type.bits }
}

/// The validated header of a safetensors file.
///
/// Layout: 8 bytes little-endian header length, the header (a JSON object), then the tensors' bytes without gaps.
/// Accepted and refused is what the reference implementation (safetensors 0.8.0) accepts and refuses, down to its JSON
/// reader: of repeated names the last counts, and what stood before need not be a tensor's place; unknown keys of a tensor are
/// passed over; overlaps, gaps and bytes behind the last tensor are errors.
package struct SafetensorsHeader: Sendable {
  /// The reference implementation's limit.
  static let maximumBytes = 100_000_000
  /// serde_json's limit of nesting.
  private static let maximumDepth = 127

  /// Entries in the order of their offsets.
  let entries: [SafetensorsEntry]
  let metadata: [String: String]
  /// Where the tensors' bytes begin in the file.
  let dataStart: Int

  /// Reads and checks the header of a file.
  /// - Throws: ``SystemError``, ``SafetensorsError``.
  init(_ reader: FileReader) throws {
    let file = reader.path
    guard reader.count >= 8 else { throw SafetensorsError(.truncated(needed: 8, found: reader.count), file: file) }
    let length = try reader.bytes(0..<8).withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= Self.maximumBytes else {
      throw SafetensorsError(.headerTooLarge(bytes: length, limit: Self.maximumBytes), file: file)
    }
    let start = 8 + Int(length)
    guard start <= reader.count else {
      throw SafetensorsError(.truncated(needed: start, found: reader.count), file: file)
    }
    var metadata: [String: String] = [:]
    var described: [TensorDescription] = []
    var indexes: [String: Int] = [:]
    do {
      let text = try reader.bytes(8..<start)
      try text.withUnsafeBytes { bytes in
        if let bad = UTF8Validation.firstInvalid(in: bytes) {
          throw JSONError(message: "the header is not valid UTF-8", offset: bad)
        }
        var cursor = JSONCursor(bytes, maximumDepth: Self.maximumDepth, allowsRepeatedKeys: true)
        var hasMetadata = false
        try cursor.object { cursor, name in
          guard name == "__metadata__" else {
            let description = try TensorDescription(&cursor, name: name, file: file)
            if let index = indexes.updateValue(described.count, forKey: name) {
              indexes[name] = index
              described[index] = description
            } else {
              described.append(description)
            }
            return
          }
          guard !hasMetadata else { throw cursor.error("__metadata__ is repeated") }
          hasMetadata = true
          guard try cursor.kind() != .null else { return try cursor.null() }
          try cursor.object { cursor, key in metadata[key] = try cursor.string() }
        }
        try cursor.finish()
      }
    } catch let error as JSONError {
      throw SafetensorsError(.header(error.description), file: file)
    }
    var entries = try described.map { try $0.entry(in: file) }
    // By name where empty tensors share an offset, so that the outcome does not depend on the header's order.
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    try Self.checkPlacement(entries, available: reader.count - start, file: file)
    self.entries = entries
    self.metadata = metadata
    dataStart = start
  }

  /// Bytes of a tensor; `nil` for a negative dimension, for more than `Int` holds, and where the last byte is not full.
  static func byteCount(_ type: SafetensorsType, _ shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      count = product
    }
    let (bits, overflow) = count.multipliedReportingOverflow(by: type.bits)
    return overflow || bits % 8 != 0 ? nil : bits / 8
  }

  /// Tensors must follow each other without gap or overlap, and end where the file ends.
  private static func checkPlacement(_ entries: [SafetensorsEntry], available: Int, file: String) throws {
    var next = 0
    for entry in entries {
      guard entry.range.lowerBound == next else {
        throw SafetensorsError(
          .misplaced(begin: entry.range.lowerBound, end: entry.range.upperBound, expectedBegin: next),
          file: file, tensor: entry.name)
      }
      next = entry.range.upperBound
      guard next <= available else {
        throw SafetensorsError(.outOfRange(end: next, available: available), file: file, tensor: entry.name)
      }
    }
    if next < available { throw SafetensorsError(.trailingBytes(available - next), file: file) }
  }
}

/// What a header says of a tensor: numbers that each are possible, whatever they are together.
private struct TensorDescription {
  let name: String
  let type: SafetensorsType
  let shape: [UInt]
  /// Where its bytes begin and end.
  let offsets: [UInt]

  /// Reads an object, or the list of its three values.
  init(_ cursor: inout JSONCursor, name: String, file: String) throws {
    var type: SafetensorsType?
    var shape: [UInt]?
    var offsets: [UInt]?
    func read(_ key: String, _ cursor: inout JSONCursor) throws {
      switch key {
      case "dtype" where type == nil:
        let text = try cursor.string()
        guard let known = SafetensorsType(rawValue: text) else {
          throw SafetensorsError(.unsupportedType(text), file: file, tensor: name)
        }
        type = known
      case "shape" where shape == nil: shape = try Self.integers(&cursor)
      case "data_offsets" where offsets == nil: offsets = try Self.integers(&cursor)
      case "dtype", "shape", "data_offsets": throw cursor.error("\(key) of tensor \"\(name)\" is repeated")
      default: try cursor.skip()
      }
    }
    if try cursor.kind() == .array {
      var keys = ["dtype", "shape", "data_offsets"]
      try cursor.array { cursor in
        guard !keys.isEmpty else { throw cursor.error("tensor \"\(name)\" has more than three values") }
        try read(keys.removeFirst(), &cursor)
      }
    } else {
      try cursor.object { cursor, key in try read(key, &cursor) }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw SafetensorsError(.header("dtype, shape and two data_offsets are needed"), file: file, tensor: name)
    }
    self.name = name
    self.type = type
    self.shape = shape
    self.offsets = offsets
  }

  /// Whole numbers of 64 bits from 0 on; the reference implementation takes -0 for a fraction.
  private static func integers(_ cursor: inout JSONCursor) throws -> [UInt] {
    var values: [UInt] = []
    try cursor.array { cursor in
      guard try cursor.kind() == .number else { throw cursor.error("expected number") }
      let start = cursor
      try cursor.skip()
      let digits = start.bytes[start.offset..<cursor.offset]
      guard digits.first != UInt8(ascii: "-"), let value = UInt(String(decoding: digits, as: UTF8.self)) else {
        throw start.error("expected a whole number of 64 bits, from 0 on")
      }
      values.append(value)
    }
    return values
  }

  /// - Throws: ``SafetensorsError`` where the numbers do not belong together.
  func entry(in file: String) throws -> SafetensorsEntry {
    let fail = { (problem: SafetensorsError.Problem) in SafetensorsError(problem, file: file, tensor: name) }
    let dimensions = shape.compactMap { Int(exactly: $0) }
    guard dimensions.count == shape.count, let needed = SafetensorsHeader.byteCount(type, dimensions) else {
      throw fail(.invalidShape("\(shape)"))
    }
    guard let begin = Int(exactly: offsets[0]), let end = Int(exactly: offsets[1]), begin <= end else {
      throw fail(.header("data_offsets \(offsets) run backwards, or beyond any file"))
    }
    guard end - begin == needed else { throw fail(.wrongSize(begin: begin, end: end, needed: needed)) }
    return SafetensorsEntry(name: name, type: type, shape: dimensions, range: begin..<end)
  }
}
