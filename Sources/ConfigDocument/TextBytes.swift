/// Bounds-checked looks at the bytes of a text.
struct TextBytes {
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// The byte at an offset; 0 outside the text.
  subscript(_ offset: Int) -> UInt8 { offset >= 0 && offset < bytes.count ? bytes[offset] : 0 }

  func text(_ start: Int, _ end: Int) -> String {
    let end = min(max(end, 0), bytes.count)
    let start = min(max(start, 0), end)
    return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
  }

  /// Offset of the first byte of the line that an offset is in.
  func lineStart(_ offset: Int) -> Int {
    var offset = min(offset, count)
    while offset > 0, !isLineBreak(offset - 1) { offset -= 1 }
    return offset
  }

  /// Offset of the line break that ends the line an offset is in, or of the end of the text.
  func lineEnd(_ offset: Int) -> Int {
    var offset = max(offset, 0)
    while offset < count, !isLineBreak(offset) { offset += 1 }
    return offset
  }

  /// Behind the line break at an offset; the offset itself where none is.
  func behindLineBreak(_ offset: Int) -> Int {
    if self[offset] == 0x0D { return self[offset + 1] == 0x0A ? offset + 2 : offset + 1 }
    return self[offset] == 0x0A ? offset + 1 : offset
  }

  func isLineBreak(_ offset: Int) -> Bool { self[offset] == 0x0A || self[offset] == 0x0D }
  func isBlank(_ offset: Int) -> Bool { self[offset] == 0x20 || self[offset] == 0x09 }

  /// Behind the spaces and tabs at an offset.
  func skipBlanks(_ offset: Int) -> Int {
    var offset = offset
    while isBlank(offset) { offset += 1 }
    return offset
  }

  /// Behind blanks, line ends and YAML comments.
  func skipVoid(_ offset: Int) -> Int {
    var offset = offset
    while true {
      if isBlank(offset) || isLineBreak(offset) {
        offset += 1
      } else if self[offset] == UInt8(ascii: "#"), offset == 0 || isBlank(offset - 1) || isLineBreak(offset - 1) {
        offset = lineEnd(offset)
      } else {
        return offset
      }
    }
  }

  /// Before the blanks and line ends that precede an offset, but not before `floor`.
  func trimBack(_ offset: Int, floor: Int) -> Int {
    var offset = offset
    while offset > floor, isBlank(offset - 1) || isLineBreak(offset - 1) { offset -= 1 }
    return offset
  }

  /// Behind YAML anchors and tags, and what separates them from the value.
  func skipProperties(_ offset: Int) -> Int {
    var offset = offset
    while true {
      switch self[offset] {
      case UInt8(ascii: "&"):
        offset += 1
        while isPropertyByte(offset) { offset += 1 }
      case UInt8(ascii: "!") where self[offset + 1] == UInt8(ascii: "<"):
        while offset < count, self[offset] != UInt8(ascii: ">"), !isLineBreak(offset) { offset += 1 }
        offset += 1
      case UInt8(ascii: "!"):
        offset += 1
        while isPropertyByte(offset) { offset += 1 }
      default: return offset
      }
      let next = skipVoid(offset)
      guard next > offset, self[next] == UInt8(ascii: "&") || self[next] == UInt8(ascii: "!") else { return next }
      offset = next
    }
  }

  /// Whether a byte can be part of an anchor, a tag or an alias.
  func isPropertyByte(_ offset: Int) -> Bool {
    switch self[offset] {
    case 0...0x20, UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"): false
    default: true
    }
  }
}
