/// How wide a line of text is in a picture, before any font is known.
///
/// The widths are those of DejaVu Sans, the widest of the sans-serif fonts that browsers fall back to, so a text that
/// fits here fits in Helvetica, Arial or Liberation Sans as well.
package enum TextWidth {
  /// - Parameter size: of the font, in pixels.
  package static func of(_ text: some StringProtocol, size: Double, isBold: Bool = false) -> Double {
    text.unicodeScalars.reduce(0) { $0 + thousandths(of: $1) } * size / 1000 * (isBold ? 1.12 : 1)
  }

  private static func thousandths(of scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "'": 278
    case " ", ".", ",", "f", ":", ";": 352
    case "I", "|", "-", "t", "r", "(", ")", "[", "]", "!", "\u{B7}": 411
    case "m", "M", "W", "%", "@": 989
    case "w", "+", "=", "<", ">", "~", "\u{D7}", "\u{2260}": 838
    case "A"..."Z", "&", "#", "_", "*": 787
    case "a"..."z", "0"..."9", "/", "?", "$": 640
    case "\u{20}"..."\u{7E}": 640
    case "\u{A0}"..."\u{24F}": 787
    default: 1100
    }
  }

  /// The first of several wordings that fits, longest first; empty where none does.
  package static func fitting(
    _ wordings: [String], width: Double, size: Double, isBold: Bool = false
  ) -> String {
    wordings.first { of($0, size: size, isBold: isBold) <= width } ?? ""
  }

  /// A text in lines of a width, broken behind blanks and the marks that a layout has between stages.
  package static func lines(of text: String, width: Double, size: Double) -> [String] {
    var lines: [String] = []
    var line = ""
    var piece = ""
    func take() {
      if !line.isEmpty, of(line + piece, size: size) > width {
        lines.append(line)
        line = ""
      }
      for character in piece {
        if !line.isEmpty, of(line + String(character), size: size) > width {
          lines.append(line)
          line = ""
        }
        line.append(character)
      }
      piece = ""
    }
    for character in text {
      piece.append(character)
      if " |+,".contains(character) { take() }
    }
    take()
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
