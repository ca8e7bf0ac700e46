import Diagnostics

/// JSON text to a located tree, strictly by RFC 8259.
///
/// Recursion is bounded by ``DocumentLimit/depth``.
struct JSONReader {
  private(set) var diagnostics: [Diagnostic] = []
  let bytes: TextBytes
  let file: SourceFile
  var position: Int
  private var path: [String] = []
  private var valueCount = 0

  private init(_ bytes: TextBytes, _ file: SourceFile) {
    self.bytes = bytes
    self.file = file
    // RFC 8259, section 8.1: a reader may ignore a byte order mark.
    position = bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
  }

  static func read(_ bytes: [UInt8], in file: SourceFile) -> ParsedDocument {
    bytes.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(TextBytes(buffer), file)
      do throws(Unreadable) {
        let root = try reader.document()
        return ParsedDocument(
          file: file, format: .json, root: root, diagnostics: reader.diagnostics, isUnreadable: false)
      } catch {
        return ParsedDocument(
          file: file, format: .json, root: nil, diagnostics: [error.diagnostic], isUnreadable: true)
      }
    }
  }

  private mutating func document() throws(Unreadable) -> Node {
    try skipBlanks()
    guard position < bytes.count else {
      throw unreadable(
        .emptyDocument, "the document is empty", help: "`moonlight generate` writes a config to begin with",
        at: SourceRange(0, 0))
    }
    let root = try value(depth: 0)
    try skipBlanks()
    guard position == bytes.count else { throw behindTheEnd() }
    return root
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(Unreadable) -> Node {
    valueCount += 1
    guard valueCount <= DocumentLimit.valueCount else {
      throw unreadable(
        .tooLarge, "the text holds more than \(DocumentLimit.valueCount) values",
        at: SourceRange(position, position + 1))
    }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth + 1)
    case UInt8(ascii: "["): return try array(depth: depth + 1)
    case UInt8(ascii: "\""):
      let start = position
      let text = try string()
      return Node(.scalar(Scalar(text, .quoted)), SourceRange(start, position))
    default:
      let start = position
      let text = try token()
      return Node(.scalar(Scalar(text, .json)), SourceRange(start, position))
    }
  }

  private mutating func array(depth: Int) throws(Unreadable) -> Node {
    try checkDepth(depth)
    let start = position
    position += 1
    var items: [Node] = []
    try skipBlanks()
    while bytes[position] != UInt8(ascii: "]") {
      guard position < bytes.count else { throw unclosed(start) }
      items.append(try value(depth: depth))
      try skipBlanks()
      try comma(in: start, closing: UInt8(ascii: "]"))
    }
    position += 1
    return Node(.sequence(items), SourceRange(start, position))
  }

  private mutating func object(depth: Int) throws(Unreadable) -> Node {
    try checkDepth(depth)
    let start = position
    position += 1
    var keys = MappingKeys()
    try skipBlanks()
    while bytes[position] != UInt8(ascii: "}") {
      guard position < bytes.count else { throw unclosed(start) }
      guard bytes[position] == UInt8(ascii: "\"") else { throw badKey() }
      let keyStart = position
      let key = try string()
      let keyRange = SourceRange(keyStart, position)
      try skipBlanks()
      guard bytes[position] == UInt8(ascii: ":") else { throw missingColon(key) }
      position += 1
      try skipBlanks()
      path.append(key)
      guard position < bytes.count, bytes[position] != UInt8(ascii: "}"), bytes[position] != UInt8(ascii: ",") else {
        throw missingValue(key)
      }
      let value = try value(depth: depth)
      if let first = keys.range(of: key) {
        diagnostics.note(duplicateKey(path, keyRange, first: first, in: file))
      } else {
        keys.append(Node.Entry(key: key, keyRange: keyRange, value: value))
      }
      path.removeLast()
      try skipBlanks()
      try comma(in: start, closing: UInt8(ascii: "}"))
    }
    position += 1
    return Node(.mapping(keys.entries), SourceRange(start, position))
  }

  /// Steps over the comma behind an item; before the closing bracket there must be none.
  private mutating func comma(in opening: Int, closing: UInt8) throws(Unreadable) {
    if bytes[position] == closing, position < bytes.count { return }
    guard bytes[position] == UInt8(ascii: ",") else { throw missingComma(opening, closing: closing) }
    let comma = position
    position += 1
    try skipBlanks()
    if bytes[position] == closing { throw trailingComma(comma) }
  }

  /// A number, `true`, `false` or `null`.
  private mutating func token() throws(Unreadable) -> String {
    let start = position
    var end = position
    while isTokenByte(bytes[end]) { end += 1 }
    let text = bytes.text(start, end)
    guard text == "true" || text == "false" || text == "null" || Self.isNumber(text) else {
      throw badToken(text, SourceRange(start, max(end, start + 1)))
    }
    position = end
    return text
  }

  private func isTokenByte(_ byte: UInt8) -> Bool {
    byte.isDigit || byte.isASCIILetter || byte.isUnderscore || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: ".") || byte >= 0x80
  }

  /// RFC 8259, section 6.
  static func isNumber(_ text: String) -> Bool {
    var scanner = ByteScanner(text)
    _ = scanner.take("-")
    if !scanner.take("0"), scanner.digits() == 0 { return false }
    if scanner.take("."), scanner.digits() == 0 { return false }
    if scanner.take("eE") {
      _ = scanner.take("+-")
      if scanner.digits() == 0 { return false }
    }
    return scanner.isAtEnd
  }

  // MARK: Strings

  private mutating func string() throws(Unreadable) -> String {
    let start = position
    position += 1
    var chunk = position
    var text = ""
    while true {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        text += bytes.text(chunk, position)
        position += 1
        return text
      case UInt8(ascii: "\\"):
        text += bytes.text(chunk, position)
        text.unicodeScalars.append(try escape())
        chunk = position
      case 0..<0x20: throw position < bytes.count ? controlInString(start) : unclosedString(start)
      default: position += 1
      }
    }
  }

  private mutating func escape() throws(Unreadable) -> Unicode.Scalar {
    let start = position
    position += 2
    switch bytes[start + 1] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw badEscape(start)
    }
    let first = try hexDigits(start)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") else {
      throw loneSurrogate(start)
    }
    position += 2
    let second = try hexDigits(position - 2)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw loneSurrogate(start) }
    return scalar
  }

  private mutating func hexDigits(_ start: Int) throws(Unreadable) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = bytes[position].hexDigit else { throw badEscape(start) }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skipBlanks() throws(Unreadable) {
    while bytes.isBlank(position) || bytes.isLineBreak(position) { position += 1 }
    if bytes[position] == UInt8(ascii: "#")
      || bytes[position] == UInt8(ascii: "/")
        && (bytes[position + 1] == UInt8(ascii: "/") || bytes[position + 1] == UInt8(ascii: "*"))
    {
      throw comment()
    }
  }

  private func checkDepth(_ depth: Int) throws(Unreadable) {
    guard depth > DocumentLimit.depth else { return }
    throw unreadable(
      .tooDeep, "more than \(DocumentLimit.depth) arrays and objects stand inside each other here",
      help: "check for brackets that are opened and never closed", at: SourceRange(position, position + 1))
  }
}
