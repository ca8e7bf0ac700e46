/// Turns libyaml's marks, which count code points, into UTF-8 offsets.
///
/// Marks come almost in order, so walking from the last one makes the whole text cost one pass.
struct MarkCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let isASCII: Bool
  private let base: Int
  private var index = 0
  private var offset: Int

  /// - Parameter base: the length of the byte order mark, which libyaml does not count.
  init(_ bytes: UnsafeBufferPointer<UInt8>, isASCII: Bool, base: Int) {
    self.bytes = bytes
    self.isASCII = isASCII
    self.base = base
    self.offset = base
  }

  /// The offset of a mark, clamped to the text.
  mutating func offset(of mark: Int) -> Int {
    if isASCII { return min(max(mark, 0), bytes.count) }
    while index < mark, offset < bytes.count {
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      index += 1
    }
    while index > mark, offset > base {
      offset -= 1
      while offset > base, bytes[offset] & 0xC0 == 0x80 { offset -= 1 }
      index -= 1
    }
    return offset
  }
}
