/// One tensor of a file: its type, its shape, and where its bytes lie behind the header.
package struct SafetensorsEntry: Hashable, Sendable {
  package let name: String
  package let type: SafetensorsType
  /// Outermost dimension first; empty for a scalar.
  package let shape: [Int]
  /// Byte offsets from the end of the header.
  package let range: Range<Int>

  package var elementCount: Int { range.count / type.size }
}

/// The validated header of a safetensors file.
///
/// Layout: 8 bytes little-endian header length, the header (a JSON object), then the tensors' bytes without gaps.
/// Refused is what the reference implementation refuses: overlaps, gaps, bytes behind the last tensor.
package struct SafetensorsHeader: Sendable {
  /// The reference implementation's limit.
  static let maximumBytes = 100_000_000

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
    var entries: [SafetensorsEntry] = []
    do {
      let text = try reader.bytes(8..<start)
      guard text.first == UInt8(ascii: "{") else {
        throw SafetensorsError(.header("it does not begin with {"), file: file)
      }
      try text.withUnsafeBytes { bytes in
        var cursor = JSONCursor(bytes)
        try cursor.object { cursor, name in
          if name == "__metadata__" {
            try cursor.object { cursor, key in metadata[key] = try cursor.string() }
          } else {
            entries.append(try Self.entry(&cursor, name: name, file: file))
          }
        }
        try cursor.finish()
      }
    } catch let error as JSONError {
      throw SafetensorsError(.header(error.description), file: file)
    }
    // By name where empty tensors share an offset, so that the outcome does not depend on the header's order.
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
    }
    try Self.checkPlacement(entries, available: reader.count - start, file: file)
    self.entries = entries
    self.metadata = metadata
    dataStart = start
  }

  private static func entry(_ cursor: inout JSONCursor, name: String, file: String) throws -> SafetensorsEntry {
    var type: SafetensorsType?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.object { cursor, key in
      switch key {
      case "dtype":
        let text = try cursor.string()
        guard let known = SafetensorsType(rawValue: text) else {
          throw SafetensorsError(.unsupportedType(text), file: file, tensor: name)
        }
        type = known
      case "shape": shape = try integers(&cursor, limit: 64)
      case "data_offsets": offsets = try integers(&cursor, limit: 2)
      default: throw cursor.error("tensor \"\(name)\" has an unknown key \"\(key)\"")
      }
    }
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw SafetensorsError(.header("dtype, shape and two data_offsets are needed"), file: file, tensor: name)
    }
    guard let needed = byteCount(type, shape) else {
      throw SafetensorsError(.invalidShape(shape), file: file, tensor: name)
    }
    guard offsets[0] >= 0, offsets[1] >= offsets[0] else {
      throw SafetensorsError(.header("data_offsets \(offsets) run backwards"), file: file, tensor: name)
    }
    guard offsets[1] - offsets[0] == needed else {
      throw SafetensorsError(
        .wrongSize(begin: offsets[0], end: offsets[1], needed: needed), file: file, tensor: name)
    }
    return SafetensorsEntry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private static func integers(_ cursor: inout JSONCursor, limit: Int) throws -> [Int] {
    var values: [Int] = []
    try cursor.array { cursor in
      guard values.count < limit else { throw cursor.error("more than \(limit) numbers") }
      values.append(try cursor.integer())
    }
    return values
  }

  /// Bytes of a tensor; `nil` for a negative dimension or more than `Int` holds.
  static func byteCount(_ type: SafetensorsType, _ shape: [Int]) -> Int? {
    var count = type.size
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      count = product
    }
    return count
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
