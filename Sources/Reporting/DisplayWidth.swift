/// How many columns of a terminal a text takes, and how it is shown safely.
enum DisplayWidth {
  /// 0 for what joins the character before it, 2 for East Asian wide forms and emoji, else 1.
  ///
  /// Follows the East Asian Width property (Unicode annex 11), in whose terms terminals count; the standard library does
  /// not have it. Ambiguous characters are narrow.
  static func columns(of character: Character) -> Int {
    var width = 0
    for scalar in character.unicodeScalars {
      if scalar == "\u{FE0F}" { return 2 }
      width = max(width, columns(of: scalar))
    }
    return width
  }

  static func columns(of text: some StringProtocol) -> Int {
    text.isPrintableASCII ? text.utf8.count : text.reduce(0) { $0 + columns(of: $1) }
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
    0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18CFF, 0x1AFF0...0x1B2FB, 0x1F200...0x1F2FF, 0x1F900...0x1F9FF,
    0x20000...0x2FFFD, 0x30000...0x3FFFD,
  ]

  /// A character as it is shown, line ends and tabs included.
  static func shown(_ character: Character) -> String {
    var result = String.UnicodeScalarView()
    for scalar in character.unicodeScalars { result.append(ShownText.picture(of: scalar)) }
    return String(result)
  }

  /// The same for a text of one line, such as a message that quotes a file.
  static func shown(_ text: some StringProtocol) -> String {
    if text.isPrintableASCII { return String(text) }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(ShownText.picture(of: scalar)) }
    return String(result)
  }
}

extension StringProtocol {
  /// Whether it takes a column a byte and is shown as it is, as nearly every text.
  var isPrintableASCII: Bool { utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
}
