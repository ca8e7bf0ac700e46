import Diagnostics

/// What one pass over the bytes of a text finds out, before any grammar.
struct TextCheck {
  /// Whether code points and bytes count the same.
  private(set) var isASCII = true
  /// Offset of the first byte that is no UTF-8.
  private(set) var encodingFault: Int?
  /// The first character that YAML does not allow anywhere, raw.
  private(set) var controlCharacter: (offset: Int, scalar: UInt32)?
  private(set) var hasTabs = false
  /// Lines that begin with `%TAG`.
  private(set) var tagDirectives = 0
  /// 3 where the text begins with a byte order mark, else 0.
  private(set) var byteOrderMarkLength = 0

  init(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { scan($0) }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { byteOrderMarkLength = 3 }
  }

  private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) {
    var offset = 0
    while offset < bytes.count {
      if let word = ByteWord(bytes, at: offset), word.isPlainText {
        offset += 8
        continue
      }
      let byte = bytes[offset]
      if byte < 0x80 {
        if byte < 0x20 || byte == 0x7F, byte != 0x09, byte != 0x0A, byte != 0x0D { noteControl(offset, UInt32(byte)) }
        if byte == 0x09 { hasTabs = true }
        if byte == UInt8(ascii: "%"), Self.isTagDirective(bytes, offset) { tagDirectives += 1 }
        offset += 1
        continue
      }
      isASCII = false
      guard let (scalar, width) = Self.decode(bytes, offset) else {
        encodingFault = offset
        return
      }
      if scalar < 0xA0 && scalar != 0x85 || scalar == 0xFFFE || scalar == 0xFFFF { noteControl(offset, scalar) }
      offset += width
    }
  }

  private mutating func noteControl(_ offset: Int, _ scalar: UInt32) {
    if controlCharacter == nil { controlCharacter = (offset, scalar) }
  }

  private static func isTagDirective(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Bool {
    guard offset + 4 <= bytes.count, bytes[offset + 1] == UInt8(ascii: "T") else { return false }
    return offset == 0 || bytes[offset - 1] == 0x0A || bytes[offset - 1] == 0x0D || bytes[offset - 1] >= 0x80
  }

  /// The scalar that begins at an offset and its width; `nil` where it is malformed, overlong or a surrogate.
  private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> (UInt32, Int)? {
    let lead = bytes[offset]
    let (width, smallest, bits): (Int, UInt32, UInt8) =
      switch lead {
      case 0xC2...0xDF: (2, 0x80, 0x1F)
      case 0xE0...0xEF: (3, 0x800, 0x0F)
      case 0xF0...0xF4: (4, 0x10000, 0x07)
      default: (0, 0, 0)
      }
    guard width > 0, offset + width <= bytes.count else { return nil }
    var scalar = UInt32(lead & bits)
    for index in offset + 1..<offset + width {
      guard bytes[index] & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(bytes[index] & 0x3F)
    }
    guard scalar >= smallest, scalar <= 0x10FFFF, !(0xD800...0xDFFF).contains(scalar) else { return nil }
    return (scalar, width)
  }
}
